//! What a row of points comes to, when a few of them are strange.

/// Of a line through these points that a few strange ones do not move: the middle of the slopes
/// between all pairs (Theil and Sen).
pub(crate) fn slope(points: &[(f64, f64)]) -> f64 {
    let pairs = points.iter().enumerate().flat_map(|(at, (x, y))| {
        points[at + 1..].iter().map(move |(later, value)| (value - y) / (later - x))
    });
    median(pairs.filter(|slope| slope.is_finite()))
}

/// Of at least one.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
