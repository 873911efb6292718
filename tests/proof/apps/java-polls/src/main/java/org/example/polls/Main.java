package org.example.polls;

import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Main {
    static final Gson gson = new Gson();
    static final Path dir = Path.of(System.getProperty("polls.dir", "polls"));

    static Poll load(String name) throws IOException {
        Path file = dir.resolve(name + ".json");
        return Files.exists(file) ? gson.fromJson(Files.readString(file), Poll.class) : null;
    }

    static void reply(HttpExchange ex, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", type);
        ex.sendResponseHeaders(status, body.length);
        ex.getResponseBody().write(body);
        ex.close();
    }

    static int trusted() throws Exception {
        TrustManagerFactory f = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        f.init((KeyStore) null);
        int n = 0;
        for (TrustManager m : f.getTrustManagers()) {
            n += ((X509TrustManager) m).getAcceptedIssuers().length;
        }
        return n;
    }

    public static void main(String[] args) throws Exception {
        Properties props = new Properties();
        try (InputStream in = Main.class.getResourceAsStream("/polls.properties")) {
            props.load(in);
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.getInteger("polls.port", 8081)), 0);
        server.createContext("/version", ex -> reply(ex, 200, "text/plain", "polls " + props.getProperty("version")));
        server.createContext("/ca", ex -> {
            try {
                reply(ex, 200, "application/json", gson.toJson(Map.of("loaded", trusted() > 0)));
            } catch (Exception e) {
                reply(ex, 500, "text/plain", e.toString());
            }
        });
        server.createContext("/polls/", ex -> {
            String name = ex.getRequestURI().getPath().substring("/polls/".length());
            Poll poll = name.matches("[a-z]+") ? load(name) : null;
            if (poll == null) {
                reply(ex, 404, "application/json", "{\"error\":\"no such poll\"}");
            } else if (ex.getRequestMethod().equals("POST")) {
                String option = new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).trim();
                if (poll.vote(option)) {
                    Files.writeString(dir.resolve(name + ".json"), gson.toJson(poll));
                    reply(ex, 200, "application/json", gson.toJson(poll));
                } else {
                    reply(ex, 400, "application/json", "{\"error\":\"no such option\"}");
                }
            } else {
                String page = Files.readString(Path.of("templates/poll.html"));
                reply(ex, 200, "text/html; charset=utf-8",
                        page.replace("${question}", poll.question).replace("${votes}", gson.toJson(poll.votes)));
            }
        });
        server.start();
        System.out.println("polls " + props.getProperty("version") + " listening");
    }
}
