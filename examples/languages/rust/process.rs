// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
use std::{env, io, process, thread, time::Duration};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    println!("{}\n{}", arguments.join("|"), env::var("GREETING").unwrap());
    print!("{}\n{}", env::current_dir()?.display(), line);
    eprintln!("to stderr");
    thread::sleep(Duration::from_millis(300));
    println!("end");
    process::exit(7)
}
