package samples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compiled once while the compiler's classes are listed: a program with what most programs use of the language. */
public class Sample {
    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    enum Level {
        LOW, HIGH;

        Level other() {
            return switch (this) {
                case LOW -> HIGH;
                case HIGH -> LOW;
            };
        }
    }

    static abstract class Account<T extends Comparable<T>> implements AutoCloseable {
        private final Map<String, List<T>> entries = new HashMap<>();
        protected int count;

        abstract T initial();

        void add(String name, T value) {
            entries.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            count++;
        }

        @Override
        public void close() {
            synchronized (this) {
                entries.clear();
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Account<?> account && Objects.equals(entries, account.entries);
        }

        @Override
        public int hashCode() {
            return entries.hashCode();
        }
    }

    static <A, B> List<B> map(List<? extends A> list, Function<? super A, ? extends B> function) {
        List<B> mapped = new ArrayList<>();
        for (A item : list) {
            mapped.add(function.apply(item));
        }
        return mapped;
    }

    public static void main(String[] arguments) throws Exception {
        var text = """
            several
            lines""";
        int[][] table = {{1, 2}, {3}};
        long sum = 0;
        for (int i = 0; i < table.length; i++) {
            for (int value : table[i]) {
                sum += value > 1 ? value : -value;
            }
        }
        outer:
        while (true) {
            do {
                if (sum-- < 0) {
                    break outer;
                }
            } while (sum > 3);
        }
        try (Account<String> account = new Account<>() {
            @Override
            String initial() {
                return "none";
            }
        }) {
            account.add(account.initial(), text);
        } catch (IllegalStateException | ClassCastException error) {
            throw new RuntimeException("failed: " + error.getMessage(), error);
        } finally {
            System.out.println("sum = " + sum + ", " + Level.LOW.other());
        }
        Map<Integer, List<String>> byLength = List.of("a", "bb", "cc").stream()
            .filter(word -> !word.isEmpty())
            .sorted(Comparator.comparing(String::length).reversed())
            .collect(Collectors.groupingBy(String::length));
        Shape shape = new Circle(1.5);
        double area = shape instanceof Circle circle ? Math.PI * circle.radius() : 0;
        switch (arguments.length) {
            case 0:
                System.out.printf("%s %.2f%n", map(List.copyOf(byLength.keySet()), String::valueOf), area);
                break;
            default:
                Runnable task = () -> System.out.println(byLength);
                new Thread(task).start();
        }
    }
}
