// Reads the file of the request's parameters and data, and adds lines of JSON to the file of results.
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

public class Data {
    /** The text of one field. Enough for data of a known shape; it is no parser of JSON. */
    private static String field(String text, String name, String value) {
        var matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*" + value).matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException("there is no field " + name);
        }
        return matcher.group(1);
    }

    public static void main(String[] arguments) throws IOException {
        var input = Files.readString(Path.of(System.getenv("GLOVEBOX_INPUT")));
        var factor = Integer.parseInt(field(input, "factor", "(-?\\d+)"));
        var station = field(input, "station", "\"([^\"]*)\"");
        var readings = field(input, "readings", "\\[([^\\]]*)\\]").split(",");

        var scaled = IntStream.range(0, readings.length).map(i -> factor * Integer.parseInt(readings[i].strip()));
        var summary = scaled.summaryStatistics();
        System.out.println(station + ": " + summary.getSum());

        var results = List.of(
            "{\"name\": \"station\", \"value\": \"%s\"}".formatted(station),
            "{\"name\": \"total\", \"value\": %d}".formatted(summary.getSum()),
            "{\"name\": \"largest\", \"value\": %d}".formatted(summary.getMax())
        );
        Files.write(Path.of(System.getenv("GLOVEBOX_RESULTS")), results, StandardOpenOption.APPEND);
    }
}
