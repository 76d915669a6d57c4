// Prints without end.
public class OutputFlood {
    public static void main(String[] arguments) {
        while (true) {
            System.out.println("x".repeat(79));
        }
    }
}
