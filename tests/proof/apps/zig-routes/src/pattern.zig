//! As much of PCRE2 as the routes call.

const Code = opaque {};
const MatchData = opaque {};

extern fn pcre2_compile_8(pattern: [*]const u8, length: usize, options: u32, code: *c_int, offset: *usize, context: ?*anyopaque) ?*Code;
extern fn pcre2_match_8(code: *const Code, subject: [*]const u8, length: usize, start: usize, options: u32, data: *MatchData, context: ?*anyopaque) c_int;
extern fn pcre2_match_data_create_from_pattern_8(code: *const Code, context: ?*anyopaque) ?*MatchData;
extern fn pcre2_match_data_free_8(data: *MatchData) void;

pub const Pattern = struct {
    code: *Code,

    pub fn compile(text: []const u8) ?Pattern {
        var number: c_int = 0;
        var offset: usize = 0;
        return .{ .code = pcre2_compile_8(text.ptr, text.len, 0, &number, &offset, null) orelse return null };
    }

    pub fn matches(self: Pattern, subject: []const u8) bool {
        const data = pcre2_match_data_create_from_pattern_8(self.code, null) orelse return false;
        defer pcre2_match_data_free_8(data);
        return pcre2_match_8(self.code, subject.ptr, subject.len, 0, 0, data, null) >= 0;
    }
};
