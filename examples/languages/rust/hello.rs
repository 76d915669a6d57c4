// The shortest program.
fn main() {
    println!("Hello from Rust");
}
