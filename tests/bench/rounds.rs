//! A B A B …: each contender in turn, again and again, so that whatever else the machine does
//! falls on all of them alike.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::contender::{Contender, Field, Who};
use crate::extent::Extent;
use crate::row::Metric;
use crate::sample::median;

/// What came of each round, by contender.
pub(crate) struct Rounds<T>(BTreeMap<Who, Vec<T>>);

impl<T> Rounds<T> {
    /// Drives each contender in turn, but none any more that has taken too long in this row.
    pub(crate) fn within(
        field: &Field,
        extent: &Extent,
        mut drive: impl FnMut(&Contender) -> T,
    ) -> Self {
        let mut rounds = BTreeMap::<_, Vec<T>>::new();
        let mut used = BTreeMap::<_, Duration>::new();
        for _ in 0..extent.rounds {
            for contender in field.contenders() {
                let used = used.entry(contender.who()).or_default();
                if *used < extent.budget {
                    let began = Instant::now();
                    rounds.entry(contender.who()).or_default().push(drive(contender));
                    *used += began.elapsed();
                }
            }
        }
        Self(rounds)
    }

    /// Drives each contender in turn so often.
    pub(crate) fn of(field: &Field, count: usize, mut drive: impl FnMut(&Contender) -> T) -> Self {
        let mut rounds = BTreeMap::<_, Vec<T>>::new();
        for _ in 0..count {
            for contender in field.contenders() {
                rounds.entry(contender.who()).or_default().push(drive(contender));
            }
        }
        Self(rounds)
    }

    /// The same for what starts its agent itself.
    pub(crate) fn by(who: &[Who], count: usize, mut drive: impl FnMut(Who) -> T) -> Self {
        let mut rounds = BTreeMap::<_, Vec<T>>::new();
        for _ in 0..count {
            for &who in who {
                rounds.entry(who).or_default().push(drive(who));
            }
        }
        Self(rounds)
    }

    /// Drives several of ours in turn, so often; each has rounds of its own.
    pub(crate) fn side_by_side<C>(
        cases: &[C],
        count: usize,
        mut drive: impl FnMut(&C) -> T,
    ) -> Vec<Self> {
        let mut rounds: Vec<Vec<T>> = cases.iter().map(|_| Vec::new()).collect();
        for _ in 0..count {
            for (case, rounds) in cases.iter().zip(&mut rounds) {
                rounds.push(drive(case));
            }
        }
        rounds.into_iter().map(|own| Self(BTreeMap::from([(Who::Keyfob, own)]))).collect()
    }

    /// One figure of all rounds: the median, and the median of the ratios within each round.
    pub(crate) fn metric(
        &self,
        name: &'static str,
        unit: &'static str,
        figure: impl Fn(&T) -> Option<f64>,
    ) -> Metric {
        let all = |who: &Who| self.0[who].iter().map(&figure).collect::<Vec<_>>();
        let first = self.0.keys().next().map(all).unwrap_or_default();
        let mut metric = Metric { name, unit, values: BTreeMap::new(), ratios: BTreeMap::new() };
        for who in self.0.keys() {
            let figures = all(who);
            let pairs = first.iter().zip(&figures);
            let ratios = pairs.filter_map(|(first, own)| Some((*own)? / (*first)?));
            let ratios = ratios.filter(|ratio| ratio.is_finite()).collect();
            if let Some(value) = median(figures.iter().copied().flatten().collect()) {
                metric.values.insert(*who, value);
            }
            if let (true, Some(ratio)) = (self.0.contains_key(&Who::OpenSsh), median(ratios)) {
                metric.ratios.insert(*who, ratio);
            }
        }
        metric
    }

    /// The same where each round is luck: the ratio of the medians.
    pub(crate) fn metric_of_luck(
        &self,
        name: &'static str,
        unit: &'static str,
        figure: impl Fn(&T) -> Option<f64>,
    ) -> Metric {
        let mut metric = self.metric(name, unit, figure);
        if let Some(&first) = metric.values.get(&Who::OpenSsh) {
            metric.ratios = metric.values.iter().map(|(who, own)| (*who, own / first)).collect();
        }
        metric
    }
}
