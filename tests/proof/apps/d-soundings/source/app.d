import depths;
import std.array : split;
import std.conv : to;
import std.format : format;
import std.socket;

/// Answers `/` with all soundings of a chart, and `/NAME` with one.
int main(string[] arguments)
{
    if (arguments.length != 3)
        return 2;
    auto chart = Chart(arguments[2]);
    auto listener = new TcpSocket();
    listener.setOption(SocketOptionLevel.SOCKET, SocketOption.REUSEADDR, true);
    listener.bind(new InternetAddress(InternetAddress.ADDR_ANY, arguments[1].to!ushort));
    listener.listen(16);
    while (true)
    {
        auto client = listener.accept();
        scope (exit)
            client.close();
        char[4096] buffer;
        immutable length = client.receive(buffer[]);
        if (length <= 0)
            continue;
        auto words = buffer[0 .. length].idup.split(" ");
        immutable path = words.length > 1 ? words[1] : "/";
        immutable text = path == "/" ? chart.all() : chart.one(path[1 .. $]);
        immutable status = text.length ? "200 OK" : "404 Not Found";
        immutable content = text.length ? text : "no such sounding\n";
        client.send(format("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s",
                status, content.length, content));
    }
}
