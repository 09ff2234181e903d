//! Prints the permission matrix as the Markdown table that README.md shows.
//!
//! `cargo run --example matrix`

fn main() {
    print!("{}", labelgate::Matrix::BUILT_IN);
}
