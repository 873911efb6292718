//! Redirects requests by the patterns of a file: each line is a pattern, a tab, and where to.

const std = @import("std");
const Pattern = @import("pattern.zig").Pattern;

const Route = struct { pattern: Pattern, target: []const u8 };

pub fn main() !void {
    var arena = std.heap.ArenaAllocator.init(std.heap.page_allocator);
    const allocator = arena.allocator();
    const arguments = try std.process.argsAlloc(allocator);
    if (arguments.len != 2) std.process.exit(2);
    const routes = try read(allocator, arguments[1]);

    const address = try std.net.Address.parseIp("0.0.0.0", 8091);
    var listener = try address.listen(.{ .reuse_address = true });
    while (true) {
        const connection = listener.accept() catch continue;
        defer connection.stream.close();
        answer(connection, routes) catch {};
    }
}

fn read(allocator: std.mem.Allocator, path: []const u8) ![]Route {
    const text = try std.fs.cwd().readFileAlloc(allocator, path, 1 << 20);
    var found = std.ArrayList(Route).init(allocator);
    var lines = std.mem.tokenizeScalar(u8, text, '\n');
    while (lines.next()) |line| {
        const tab = std.mem.indexOfScalar(u8, line, '\t') orelse continue;
        const pattern = Pattern.compile(line[0..tab]) orelse continue;
        try found.append(.{ .pattern = pattern, .target = line[tab + 1 ..] });
    }
    return found.toOwnedSlice();
}

fn answer(connection: std.net.Server.Connection, routes: []const Route) !void {
    var buffer: [8192]u8 = undefined;
    var server = std.http.Server.init(connection, &buffer);
    var request = try server.receiveHead();
    for (routes) |route| {
        if (route.pattern.matches(request.head.target)) {
            return request.respond("moved\n", .{
                .status = .found,
                .keep_alive = false,
                .extra_headers = &.{.{ .name = "location", .value = route.target }},
            });
        }
    }
    try request.respond("no such route\n", .{ .status = .not_found, .keep_alive = false });
}
