package greeter;

import com.sun.net.httpserver.HttpServer;
import java.io.FileReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Properties;
import java.util.ResourceBundle;

public class Greeter {
    static String greeting(String language, String name) {
        ResourceBundle bundle = ResourceBundle.getBundle("messages", Locale.forLanguageTag(language));
        return bundle.getString("hello").replace("{name}", name);
    }

    public static void main(String[] args) throws Exception {
        Properties config = new Properties();
        config.load(new FileReader(args[0]));
        String name = config.getProperty("name");

        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(config.getProperty("port"))), 0);
        server.createContext("/", ex -> {
            String query = ex.getRequestURI().getQuery();
            String language = query != null && query.startsWith("lang=") ? query.substring(5) : "en";
            String text;
            int status = 200;
            switch (ex.getRequestURI().getPath()) {
                case "/hello" -> text = greeting(language, name);
                case "/epoch" -> text = DateTimeFormatter.ofPattern("d MMMM yyyy HH:mm", Locale.forLanguageTag(language))
                        .withZone(ZoneId.systemDefault()).format(Instant.EPOCH);
                case "/charset" -> text = System.getProperty("sun.jnu.encoding");
                default -> {
                    status = 404;
                    text = "nothing here";
                }
            }
            byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
            ex.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            ex.sendResponseHeaders(status, body.length);
            ex.getResponseBody().write(body);
            ex.close();
        });
        server.start();
    }
}
