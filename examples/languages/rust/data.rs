// Reads the file of the request's parameters and data, and adds lines of JSON to the file of results.
use std::{env, error::Error, fs, io::Write};

// What follows a field's name and colon. Enough for data of a known shape; it is no parser of JSON.
fn field<'text>(text: &'text str, name: &str) -> Result<&'text str, String> {
    let name = format!("\"{name}\"");
    let (_, rest) = text.split_once(&name).ok_or_else(|| format!("there is no field {name}"))?;
    Ok(rest.trim_start_matches([':', ' ']))
}

fn before(text: &str, end: char) -> &str {
    text.split_once(end).map_or(text, |(before, _)| before)
}

fn main() -> Result<(), Box<dyn Error>> {
    let input = fs::read_to_string(env::var("GLOVEBOX_INPUT")?)?;
    let factor: i64 = before(field(&input, "factor")?, '}').trim().parse()?;
    let station = before(&field(&input, "station")?[1..], '"');
    let readings = before(&field(&input, "readings")?[1..], ']').split(',');
    let scaled = readings
        .map(|reading| reading.trim().parse::<i64>().map(|number| factor * number))
        .collect::<Result<Vec<_>, _>>()?;

    let total: i64 = scaled.iter().sum();
    println!("{station}: {total}");

    let mut results = fs::OpenOptions::new().append(true).open(env::var("GLOVEBOX_RESULTS")?)?;
    writeln!(results, r#"{{"name": "station", "value": "{station}"}}"#)?;
    writeln!(results, r#"{{"name": "total", "value": {total}}}"#)?;
    writeln!(results, r#"{{"name": "largest", "value": {}}}"#, scaled.iter().max().unwrap_or(&0))?;
    Ok(())
}
