package almanac;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/** Answers which feast falls on a day and which day of the week a date is. */
public final class Almanac {
    public static void main(String[] arguments) throws IOException {
        Feasts feasts = new Feasts(Path.of(arguments[0]));
        HttpServer server = HttpServer.create(new InetSocketAddress(8093), 0);
        server.createContext("/feast", exchange -> {
            String day = parameter(exchange, "day");
            String found = feasts.on(day).orElse(null);
            answer(exchange, found == null ? 404 : 200, found == null ? "no feast" : found);
        });
        server.createContext("/weekday", exchange -> {
            try {
                answer(exchange, 200, LocalDate.parse(parameter(exchange, "date")).getDayOfWeek().toString());
            } catch (DateTimeParseException error) {
                answer(exchange, 400, "no date");
            }
        });
        server.start();
    }

    private static String parameter(HttpExchange exchange, String name) {
        String query = exchange.getRequestURI().getQuery();
        String start = name + "=";
        return query != null && query.startsWith(start) ? query.substring(start.length()) : "";
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
