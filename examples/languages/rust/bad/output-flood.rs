// Prints without end.
fn main() {
    loop {
        println!("{}", "x".repeat(79));
    }
}
