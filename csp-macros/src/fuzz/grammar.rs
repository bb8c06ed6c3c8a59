//! Programs that the macros are made for, from a fuzzer's choices. They are well-formed.

use super::Target;
use crate::bytes::Bytes;

/// How deep expressions are nested at most.
const DEEPEST: usize = 5;

const NAMES: [&str; 12] = [
    "a",
    "b",
    "rx",
    "tx",
    "self.inputs[0]",
    "r#type",
    "v",
    "ms(5)",
    "x.y",
    "a",
    "taken",
    "default_port",
];

const PATTERNS: [&str; 12] = [
    "v",
    "_",
    "Some(v)",
    "Ok(mut n)",
    "Some(1 | 2)",
    "ref a",
    "(a, b)",
    "Ok(a) | Err(a)",
    "Point { x, .. }",
    "[x, ..]",
    "(mut a, Some(_))",
    "n @ 1..=9",
];

/// Writes text, as long as there are bytes to choose by.
pub(super) struct Grammar<'a, 'b> {
    bytes: &'a mut Bytes<'b>,
    out: String,
}

impl<'a, 'b> Grammar<'a, 'b> {
    pub(super) fn new(bytes: &'a mut Bytes<'b>) -> Self {
        Self {
            bytes,
            out: String::new(),
        }
    }

    /// The arguments of a call of `target`.
    pub(super) fn source(mut self, target: Target) -> String {
        match target {
            Target::Go => self.go(0),
            Target::Alt => self.alt(0),
            Target::Alts => self.alts(0),
            Target::Flow => self.flow(0),
        }
        self.out
    }

    fn say(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push(if self.bytes.below(16) == 15 {
            '\n'
        } else {
            ' '
        });
    }

    fn one_of(&mut self, texts: &[&str]) {
        let text = self.bytes.of(texts);
        self.say(text);
    }

    fn go(&mut self, depth: usize) {
        match self.bytes.below(8) {
            0 => self.say("async move"),
            1 => self.say("move"),
            2 => {
                self.say("call (");
                self.expr(depth + 1);
                return self.say(")");
            }
            _ => {}
        }
        self.block(depth);
    }

    fn alt(&mut self, depth: usize) {
        if self.bytes.below(4) == 1 {
            self.one_of(&["priority ;", "priority ,"]);
        }
        for _ in 0..=self.bytes.below(4) {
            self.one_of(&PATTERNS);
            self.say("=");
            self.operation(depth);
            if self.bytes.below(4) == 1 {
                self.one_of(&["if", ", if"]);
                self.operand(depth);
            }
            self.arm_body(depth);
        }
        // All names of all patterns cannot be said here, so it is for any.
        self.say("else _");
        self.arm_body(depth);
        if self.bytes.flag() {
            self.say("default");
            self.arm_body(depth);
        }
    }

    fn arm_body(&mut self, depth: usize) {
        self.say("=>");
        if self.bytes.flag() {
            self.block(depth + 1);
            self.one_of(&["", ","]);
        } else {
            self.expr(depth + 1);
            self.say(",");
        }
    }

    fn operation(&mut self, depth: usize) {
        self.one_of(&["", "csp ::"]);
        match self.bytes.below(3) {
            0 => {
                self.say("take ! (");
                self.expr(depth + 1);
            }
            1 => {
                self.say("put ! (");
                self.expr(depth + 1);
                self.one_of(&[",", ", mut"]);
                // `mut` is for a name alone.
                self.one_of(&["v", "a"]);
            }
            _ => {
                self.say("park ! (");
                self.expr(depth + 1);
            }
        }
        self.say(")");
    }

    fn alts(&mut self, depth: usize) {
        for _ in 0..=self.bytes.below(5) {
            self.expr(depth + 1);
            self.say(",");
        }
        self.one_of(&["", "priority", "default", "priority, default"]);
    }

    fn flow(&mut self, depth: usize) {
        if self.bytes.below(8) == 1 {
            self.say("seq ;");
        }
        for _ in 0..=self.bytes.below(5) {
            match self.bytes.below(4) {
                0 => {
                    self.say("detach call (");
                    self.expr(depth + 1);
                    self.say(") ;");
                }
                _ => self.statement(depth + 1),
            }
        }
        self.operand(depth);
    }

    fn block(&mut self, depth: usize) {
        self.say("{");
        if depth < DEEPEST {
            for _ in 0..self.bytes.below(4) {
                self.statement(depth + 1);
            }
            if self.bytes.flag() {
                self.expr(depth + 1);
            }
        }
        self.say("}");
    }

    fn statement(&mut self, depth: usize) {
        match self.bytes.below(8) {
            0..=3 => {
                self.say("let");
                self.one_of(&PATTERNS);
                self.one_of(&["", ": Option < u8 >"]);
                self.say("=");
                self.operand(depth);
                self.one_of(&["", "else { return }"]);
                self.say(";");
            }
            4 => self.one_of(&[
                "mod m { async fn f ( ) { take ! ( c ) ; } }",
                "macro_rules ! m { ( take ! ( $ a : expr ) ) => { take ! ( $ a ) } }",
                "fn f ( ) { put ! ( a , 1 ) }",
                "const N : u8 = 1 ;",
                "use a :: b ;",
                ";",
            ]),
            _ => {
                self.expr(depth);
                self.say(";");
            }
        }
    }

    /// An expression that an operator or an `else` may follow.
    fn operand(&mut self, depth: usize) {
        self.say("(");
        self.expr(depth + 1);
        self.say(")");
    }

    fn expr(&mut self, depth: usize) {
        if depth >= DEEPEST || self.bytes.is_empty() {
            return self.one_of(&NAMES);
        }
        match self.bytes.below(24) {
            0..=3 => self.one_of(&NAMES),
            4 => self.one_of(&[
                "1",
                "\"{a}\"",
                "'c'",
                "b\"x\"",
                "r#\"{rx}\"#",
                "1.5e3",
                "( )",
            ]),
            5..=7 => self.operation(depth),
            8 => self.call("alt ! {", Self::alt, "}", depth),
            9 => self.call("alts ! (", Self::alts, ")", depth),
            10 => self.call("go ! (", Self::go, ")", depth),
            11 => self.call("flow ! {", Self::flow, "}", depth),
            12 => self.call("println ! ( \"{v} {}\" ,", Self::expr, ")", depth),
            13 => self.call("( | v |", Self::expr, ")", depth),
            14 => self.call("async move", Self::block, "", depth),
            15 => self.call("if true", Self::block, "else { }", depth),
            16 => self.call("match v { Some ( v ) =>", Self::expr, ", _ => b }", depth),
            17 => self.call("loop", Self::block, "", depth),
            18 => self.call("while let Some ( a ) = v", Self::block, "", depth),
            19 => self.call("f (", Self::expr, ") . await", depth),
            20 => self.call("v . method (", Self::expr, ") ?", depth),
            21 => self.call("( & mut", Self::operand, ")", depth),
            22 => self.call("( a +", Self::operand, ")", depth),
            _ => self.call("return Some (", Self::expr, ")", depth),
        }
    }

    fn call(&mut self, before: &str, inner: fn(&mut Self, usize), after: &str, depth: usize) {
        self.say(before);
        inner(self, depth + 1);
        self.say(after);
    }
}
