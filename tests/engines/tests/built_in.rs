//! The built-in matrix: every value of `Facts`, role and action.

use labelgate::{Matrix, Subject};
use labelgate_engine_tests::{every, openfga, spicedb};
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn openfga_decides_the_same() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    let cases = every::cases(&Subject::new);
    let start = std::time::Instant::now();
    openfga::ask(&labelgate_export::openfga::print(&model), &cases).assert_equal(&cases);
    println!("{:?}", start.elapsed());
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn spicedb_decides_the_same() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    let cases = every::cases(&Subject::new);
    let start = std::time::Instant::now();
    spicedb::ask(&labelgate_export::spicedb::print(&model), &cases).assert_equal(&cases);
    println!("{:?}", start.elapsed());
}
