package almanac;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The feasts by day of the year, `MM-dd`, from a table with tabs. */
final class Feasts {
    private final Map<String, String> byDay = new TreeMap<>();

    Feasts(Path table) throws IOException {
        for (String line : Files.readAllLines(table)) {
            String[] parts = line.split("\t", 2);
            if (parts.length == 2) {
                byDay.put(parts[0], parts[1]);
            }
        }
    }

    Optional<String> on(String day) {
        return Optional.ofNullable(byDay.get(day));
    }
}
