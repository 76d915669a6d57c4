// Starts processes without end, and none ends; a panic ends it when the kernel refuses one.
use std::process::Command;

fn main() {
    loop {
        Command::new("sleep").arg("1000").spawn().unwrap();
    }
}
