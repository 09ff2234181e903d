//! Alternatives, factored so that people can read them.

use labelgate::Fact;
use labelgate::sets::FactSet;

/// Facts that must hold: of each sum, one. `(project_member or project_assignee) and acts_as_reviewer` has two sums.
/// Without sums, it always holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product(Vec<FactSet>);

impl Product {
    /// The products that hold if all facts of one of the alternatives do. Two that differ in one sum become one.
    pub(crate) fn factored(alternatives: impl IntoIterator<Item = FactSet>) -> Vec<Self> {
        let one_by_one = |facts: FactSet| Self(facts.elements().map(FactSet::of).collect());
        let mut products: Vec<Self> = alternatives.into_iter().map(one_by_one).collect();
        while let Some((first, second, joined)) = joinable(&products) {
            products.remove(second);
            products[first] = joined;
        }
        products
    }

    pub(crate) fn sums(&self) -> &[FactSet] {
        &self.0
    }

    /// The fact, if it is about one alone.
    pub(crate) fn fact(&self) -> Option<Fact> {
        let [sum] = self.0[..] else { return None };
        let mut facts = sum.elements();
        facts.next().filter(|_| facts.next().is_none())
    }

    fn joined(&self, other: &Self) -> Option<Self> {
        let missing: Vec<_> = self.0.iter().filter(|sum| !other.0.contains(sum)).collect();
        let [differs] = missing[..] else { return None };
        let added: Vec<_> = other.0.iter().filter(|sum| !self.0.contains(sum)).collect();
        let [more] = added[..] else { return None };
        let joined = |sum: &FactSet| if sum == differs { *sum | *more } else { *sum };
        Some(Self(self.0.iter().map(joined).collect()))
    }
}

fn joinable(products: &[Product]) -> Option<(usize, usize, Product)> {
    let pairs = (0..products.len()).flat_map(|first| (0..first).map(move |second| (second, first)));
    let mut pairs = pairs;
    pairs.find_map(|(first, second)| {
        Some((first, second, products[first].joined(&products[second])?))
    })
}
