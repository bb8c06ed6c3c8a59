//! The replay string.

use super::{programs, toy::execute};
use crate::sim::strategy::{
    CodeError, Decision, Random, Replay, Strategy, decode, dice::Dice, encode,
};
use crate::sync::atomic::Ordering;

fn random_decisions(dice: &mut Dice) -> Vec<Decision> {
    let bound = [2, 10, 1_000, u32::MAX][dice.index(4)];
    let mut decisions = Vec::new();
    for _ in 0..dice.index(40) {
        let number = dice.below_u32(bound);
        if dice.below(4) == 0 {
            decisions.push(Decision::Arm(number));
        } else {
            let run = 1 + dice.index(5) * dice.index(20);
            decisions.extend(std::iter::repeat_n(Decision::Entity(number), run));
        }
    }
    decisions
}

#[test]
fn every_list_comes_back() {
    let mut dice = Dice::new(5);
    for _ in 0..2_000 {
        let decisions = random_decisions(&mut dice);
        let word = encode(&decisions);
        assert!(
            word.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
            "{word}"
        );
        assert!(word.starts_with('a'), "{word}");
        assert_eq!(decode(&word), Ok(decisions));
    }
    assert_eq!(decode(&encode(&[])), Ok(Vec::new()));
    let all = [
        Decision::Entity(u32::MAX),
        Decision::Entity(u32::MAX),
        Decision::Arm(u32::MAX),
    ];
    assert_eq!(decode(&encode(&all)), Ok(all.to_vec()));
}

#[test]
fn a_terminal_may_break_it() {
    let decisions: Vec<_> = (0..200).map(Decision::Entity).collect();
    let word = encode(&decisions);
    let broken = format!("  {}\r\n   {}\n", &word[..80], &word[80..]);
    assert_eq!(decode(&broken), Ok(decisions));
}

#[test]
fn it_is_short() {
    let mut random = Random::new(1);
    random.begin();
    let (_, decisions) = execute(&programs::philosophers(4), &mut random).expect("it ends none");
    let word = encode(&decisions);
    assert!(
        word.len() <= decisions.len() + 5,
        "{} for {} decisions",
        word.len(),
        decisions.len()
    );
    let long = vec![Decision::Entity(1); 100_000];
    assert!(encode(&long).len() < 12);
}

/// The word of a format must stay readable.
#[test]
fn a_word_is_as_it_was() {
    let decisions = [1, 1, 1, 2, 40]
        .map(Decision::Entity)
        .into_iter()
        .chain([Decision::Arm(2)]);
    assert_eq!(encode(&decisions.collect::<Vec<_>>()), "a518w5aW4zS");
}

#[test]
fn what_is_cut_off_or_mistyped_is_refused() {
    let mut dice = Dice::new(9);
    let mut checked = 0;
    for _ in 0..300 {
        let word = encode(&random_decisions(&mut dice));
        for end in 0..word.len() {
            let error = decode(&word[..end]).expect_err("it is cut off");
            let expected = if end == 0 {
                CodeError::Empty
            } else {
                CodeError::Checksum
            };
            assert_eq!(error, expected, "{word} up to {end}");
            checked += 1;
        }
        let at = 1 + dice.index(word.len() - 1);
        let mut mistyped = word.clone().into_bytes();
        mistyped[at] = if mistyped[at] == b'x' { b'y' } else { b'x' };
        let mistyped = String::from_utf8(mistyped).expect("it is ASCII");
        assert_eq!(decode(&mistyped), Err(CodeError::Checksum), "{word}");
    }
    assert!(checked > 5_000);
}

#[test]
fn errors_say_what_is_wrong() {
    let word = encode(&[Decision::Entity(1)]);
    let of = |word: &str| decode(word).expect_err("it is wrong").to_string();
    assert_eq!(of(" "), "the replay string is empty");
    assert!(of(&word.replacen('a', "b", 1)).contains("begins with `b`"));
    assert_eq!(
        of(&format!("{word}!")),
        format!(
            "`!` (character {}) is not of a replay string",
            word.len() + 1
        )
    );
    assert!(of(&word[..word.len() - 1]).contains("cut off"));
    assert_eq!(of("ä"), of("ä"));
}

#[test]
fn a_replay_does_what_was_done() {
    for seed in 0..200 {
        let program = programs::random(seed);
        let mut random = Random::new(seed);
        random.begin();
        let (world, decisions) = execute(&program, &mut random).expect("it ends none");
        let (mut replay, diverged) = Replay::new(decode(&encode(&decisions)).expect("it is whole"));
        assert!(replay.begin());
        let (again, same) = execute(&program, &mut replay).expect("it ends none");
        assert_eq!(
            (again.outcome(), same),
            (world.outcome(), decisions),
            "seed {seed}"
        );
        assert!(!diverged.load(Ordering::Relaxed), "seed {seed}");
        assert!(!replay.begin(), "one execution is all there is");
    }
}

#[test]
fn a_replay_that_does_not_fit_says_so() {
    let program = programs::producer_consumer(3, 1);
    let mut random = Random::new(3);
    random.begin();
    let (world, decisions) = execute(&program, &mut random).expect("it ends none");
    let follow = |decisions: Vec<Decision>| {
        let (mut replay, diverged) = Replay::new(decisions);
        replay.begin();
        let (again, made) = execute(&program, &mut replay).expect("it ends none");
        assert_eq!(again.outcome(), world.outcome());
        (diverged.load(Ordering::Relaxed), made)
    };
    // What is missing at the end is as it comes.
    assert!(!follow(decisions[..1].to_vec()).0);
    // What does not fit is left out; what comes after it is followed.
    for wrong in [Decision::Entity(77), Decision::Arm(1)] {
        let mut other = decisions.clone();
        other.insert(1, wrong);
        assert_eq!(follow(other), (true, decisions.clone()));
    }
}
