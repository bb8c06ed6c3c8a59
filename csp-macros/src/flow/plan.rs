//! Who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{plain, words};
use super::statement::{Flow, Name, Statement};

/// What every statement waits for, and where the values go.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// All values, in the order in which they are bound.
    pub(super) values: Vec<Value>,
    /// What each statement needs, by its index.
    pub(super) needs: Vec<Needs>,
}

/// What a statement needs.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// The values that it names, by their indices.
    pub(super) values: BTreeSet<usize>,
    /// The statements that have to be done.
    pub(super) statements: BTreeSet<usize>,
}

/// A name that the flow binds.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) name: Name,
    /// The index of the statement that binds it.
    pub(super) statement: usize,
    /// Whether other statements see it.
    pub(super) shared: bool,
    pub(super) body: InBody,
}

/// What the body does with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InBody {
    /// It names it, or seems to.
    Named,
    /// Nobody names it, so that rustc should say so.
    Unused,
    /// It is the other statements' alone.
    Absent,
}

impl Plan {
    /// Finds out what waits for what.
    pub(super) fn of(flow: &Flow) -> Self {
        let mut plan = Plan::default();
        // What a name means at this point of the source.
        let mut scope = BTreeMap::new();
        let mut prerequisite = None;
        for (index, statement) in flow.statements.iter().enumerate() {
            let needs = plan.needs(&words(&statement.code()), &scope, prerequisite);
            for &value in &needs.values {
                plan.values[value].shared = true;
            }
            plan.needs.push(needs);
            for name in statement.names() {
                scope.insert(plain(&name.ident), plan.values.len());
                plan.values.push(Value {
                    name: name.clone(),
                    statement: index,
                    shared: false,
                    body: InBody::Absent,
                });
            }
            if let Statement::Plain(_) = statement {
                prerequisite = Some(index);
            }
        }
        let body = flow.body.as_ref();
        let named = body.map(|body| plan.needs(&words(&[body]), &scope, None).values);
        let named = named.unwrap_or_default();
        for (index, value) in plan.values.iter_mut().enumerate() {
            value.body = match (named.contains(&index), value.shared) {
                (true, _) => InBody::Named,
                (false, true) => InBody::Absent,
                (false, false) => InBody::Unused,
            };
        }
        plan
    }

    fn needs(
        &self,
        words: &BTreeSet<String>,
        scope: &BTreeMap<String, usize>,
        prerequisite: Option<usize>,
    ) -> Needs {
        let values: BTreeSet<usize> = words
            .iter()
            .filter_map(|word| scope.get(word).copied())
            .collect();
        let statements = values.iter().map(|&value| self.values[value].statement);
        let statements = statements.chain(prerequisite).collect();
        Needs { values, statements }
    }
}
