
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let is_member = arguments[3].parse().unwrap();
    println!("{}", answer(&arguments[1], &arguments[2], is_member));
}
