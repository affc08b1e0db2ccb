//! Which HTML text a person can see: what `style` attributes and old presentational ones come to.
//!
//! Style sheets are not read; what hides text by a class is not found here.

use super::Visibility;
use scraper::node::Element;

/// What an element hands down to what is in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    pub(super) visibility: Visibility,
    pub(super) bold: bool,
    pub(super) preformatted: bool,
    /// Something coloured is behind the text.
    pub(super) background: bool,
    pub(super) white: bool,
    pub(super) in_table: bool,
}

impl Style {
    /// How text in this style can be seen.
    pub(super) fn seen_as(self) -> Visibility {
        if self.visibility == Visibility::Visible && self.white && !self.background { Visibility::White } else { self.visibility }
    }
}

/// The style of an element inside of `outer`.
pub(super) fn inherit(outer: Style, element: &Element) -> Style {
    let mut style = outer;
    match element.name() {
        "b" | "strong" | "h1" | "h2" | "h3" | "h4" => style.bold = true,
        "pre" | "textarea" => style.preformatted = true,
        _other => {}
    }
    if element.attr("hidden").is_some() {
        style.visibility = Visibility::Invisible;
    }
    if let Some(color) = element.attr("color") {
        style.white = is_white(color);
    }
    if let Some(color) = element.attr("bgcolor") {
        style.background = !is_white(color);
    }
    if element.attr("background").is_some() {
        style.background = true;
    }
    for (property, value) in element.attr("style").unwrap_or_default().split(';').filter_map(|rule| rule.split_once(':')).take(100)
    {
        let value = value.trim().to_ascii_lowercase();
        let value = value.trim_end_matches("!important").trim();
        declare(&mut style, &property.trim().to_ascii_lowercase(), value);
    }
    style
}

fn declare(style: &mut Style, property: &str, value: &str) {
    let points = || value.trim_end_matches(char::is_alphabetic).trim_end_matches('%').parse::<f32>().ok();
    let hide = |style: &mut Style, how: Visibility| {
        if style.visibility == Visibility::Visible {
            style.visibility = how;
        }
    };
    match property {
        "display" if value == "none" => hide(style, Visibility::Invisible),
        "visibility" if value == "hidden" || value == "collapse" => hide(style, Visibility::Invisible),
        "mso-hide" if value == "all" => hide(style, Visibility::Invisible),
        "opacity" if points().is_some_and(|opacity| opacity < 0.05) => hide(style, Visibility::Invisible),
        "max-height" | "max-width" if points() == Some(0.0) => hide(style, Visibility::Invisible),
        "font-size" if points().is_some_and(|size| size < 2.0) && !value.ends_with("em") => hide(style, Visibility::Tiny),
        "font-size" if points() == Some(0.0) => hide(style, Visibility::Tiny),
        "left" | "top" | "text-indent" if points().is_some_and(|shift| shift < -500.0) => hide(style, Visibility::OffPage),
        "font-weight" => style.bold = value == "bold" || value == "bolder" || points().is_some_and(|weight| weight >= 600.0),
        "white-space" if value.starts_with("pre") => style.preformatted = true,
        "color" => style.white = is_white(value),
        "background" | "background-color" if !matches!(value, "none" | "transparent" | "inherit" | "initial") => {
            style.background = !value.split_whitespace().any(is_white);
        }
        _other => {}
    }
}

/// White or so near to it that nobody reads it on white.
fn is_white(color: &str) -> bool {
    let color = color.trim().to_ascii_lowercase();
    if let Some(hex) = color.strip_prefix('#') {
        let pairs: Option<Vec<u8>> = match hex.len() {
            3 => hex.chars().map(|c| c.to_digit(16).map(|digit| (digit * 17) as u8)).collect(),
            6 if hex.is_ascii() => (0..3).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).ok()).collect(),
            _ => None,
        };
        return pairs.is_some_and(|rgb| rgb.iter().all(|part| *part >= 244));
    }
    if let Some(list) = color.strip_prefix("rgb(").or_else(|| color.strip_prefix("rgba(")) {
        let parts: Vec<f32> =
            list.trim_end_matches(')').split([',', ' ', '/']).filter_map(|part| part.trim().parse().ok()).collect();
        return parts.len() >= 3
            && (parts[..3].iter().all(|part| *part >= 244.0) || parts.get(3).is_some_and(|alpha| *alpha < 0.05));
    }
    matches!(color.as_str(), "white" | "snow" | "transparent")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_has_many_names() {
        for color in ["#fff", "#FFFFFF", "white", "rgb(255, 255, 255)", "rgba(0,0,0,0)", "#fefefe"] {
            assert!(is_white(color), "{color}");
        }
        for color in ["#000", "black", "#ff0000", "rgb(200, 255, 255)", "rgba(0,0,0,1)", ""] {
            assert!(!is_white(color), "{color}");
        }
    }
}
