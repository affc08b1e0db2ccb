//! The numbers that a word processor prints before the paragraphs of a list; no text says them.

use super::tree::Element;
use std::collections::HashMap;

const MOST_LEVELS: usize = 9;

#[derive(Default)]
pub(super) struct Lists {
    /// List to its definition.
    definition: HashMap<String, String>,
    /// Definition and level to how it is printed.
    levels: HashMap<(String, usize), Level>,
    /// How far each definition has counted.
    counted: HashMap<String, [usize; MOST_LEVELS]>,
}

struct Level {
    start: usize,
    bullet: bool,
    decimal: bool,
    /// `%1.`: the number of level 1 and a point.
    pattern: String,
}

impl Lists {
    pub(super) fn of(root: &Element) -> Self {
        let mut lists = Self::default();
        for child in root.children() {
            let value = |element: Option<&Element>| element.map(|element| element.attribute("val").to_owned()).unwrap_or_default();
            match child.name.as_str() {
                "abstractNum" => {
                    let id = child.attribute("abstractNumId");
                    for level in child.children().filter(|level| level.name == "lvl") {
                        let format = value(level.child("numFmt"));
                        let Ok(depth) = level.attribute("ilvl").parse() else { continue };
                        let level = Level {
                            start: value(level.child("start")).parse().unwrap_or(1),
                            bullet: format == "bullet",
                            decimal: format == "decimal",
                            pattern: value(level.child("lvlText")),
                        };
                        lists.levels.insert((id.to_owned(), depth), level);
                    }
                }
                "num" => {
                    lists.definition.insert(child.attribute("numId").to_owned(), value(child.child("abstractNumId")));
                }
                _other => {}
            }
        }
        lists
    }

    /// What stands before the paragraph with these properties; `None` before one that is in no list.
    pub(super) fn next(&mut self, properties: &Element) -> Option<String> {
        let place = properties.child("numPr")?;
        let id = place.child("numId")?.attribute("val");
        let depth: usize = place.child("ilvl").map_or(Ok(0), |level| level.attribute("val").parse()).ok()?;
        let definition = self.definition.get(id)?;
        let level = self.levels.get(&(definition.clone(), depth))?;
        if level.bullet {
            return Some("-".to_owned());
        }
        let counted = self.counted.entry(definition.clone()).or_default();
        let number = counted.get_mut(depth)?;
        *number = if *number == 0 { level.start } else { number.saturating_add(1) };
        let number = *number;
        counted[depth + 1..].fill(0);
        let own = format!("%{}", depth + 1);
        let printed = level.pattern.replacen(&own, &number.to_string(), 1);
        // Numbers of the levels above, letters and Roman figures are not told.
        (level.decimal && !printed.contains('%')).then_some(printed)
    }
}
