// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
import java.util.Scanner;

public class Process {
    public static void main(String[] arguments) throws InterruptedException {
        var line = new Scanner(System.in).nextLine();
        System.out.println(String.join("|", arguments));
        System.out.println(System.getenv("GREETING"));
        System.out.println(System.getProperty("user.dir"));
        System.out.println(line);
        System.err.println("to stderr");
        Thread.sleep(300);
        System.out.println("end");
        System.exit(7);
    }
}
