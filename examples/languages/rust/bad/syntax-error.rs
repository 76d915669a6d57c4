// A syntax error: line 3 has no semicolon.
fn main() {
    let total = 3 + 5
    println!("{total}");
}
