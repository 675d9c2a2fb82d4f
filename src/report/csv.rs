//! CSV as in RFC 4180, whose cells no spreadsheet takes for formulas.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::text::visible;

/// Rows of CSV, as bytes.
#[derive(Debug, Default)]
pub struct Table(Vec<u8>);

impl Table {
    /// Adds a row, with hidden and reordering characters of its cells shown.
    pub fn row<I: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = I>) {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut self.0);
        let cells = cells.into_iter();
        let shown = |cell: I| neutral(&visible(cell.as_ref())).into_owned();
        let cells: Vec<_> = cells.map(shown).collect();
        // Memory takes rows of every length.
        let _ = writer.write_record(&cells).and_then(|()| Ok(writer.flush()?));
    }

    /// What was added so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The cell with an apostrophe before what spreadsheets take for a formula, whichever list separator they expect: what
/// follows a separator inside a cell is a cell of its own to some of them.
pub fn neutral(cell: &str) -> Cow<'_, str> {
    let mut neutral = String::with_capacity(cell.len());
    // The character before, quotes left out: they may not be understood.
    let mut before = None;
    for c in cell.chars() {
        let starts_formula = match before {
            None => matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r'),
            Some(';' | '|' | '\t' | '\n' | '\r') => matches!(c, '=' | '+' | '-' | '@'),
            // Ordinary sentences have signs behind these.
            Some(' ' | ',' | ':') => c == '=',
            Some(_) => false,
        };
        if starts_formula {
            neutral.push('\'');
        }
        neutral.push(c);
        if c != '"' {
            before = Some(c);
        }
    }
    if neutral.len() == cell.len() { cell.into() } else { neutral.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_cell_is_a_formula_under_any_list_separator() {
        for (cell, expected) in [
            ("x;=1+1", "x;'=1+1"),
            ("x;\"=1+1", "x;\"'=1+1"),
            ("a|@SUM(1)", "a|'@SUM(1)"),
            ("a\t-1\n+2", "a\t'-1\n'+2"),
            ("\"=1", "\"'=1"),
            ("My Team: Admin; 2-1", "My Team: Admin; 2-1"),
            ("[1,-1]", "[1,-1]"),
            ("a, =1: =2 =3", "a, '=1: '=2 '=3"),
            ("url?x=1&y=-2", "url?x=1&y=-2"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_formulas() {
        let mut table = Table::default();
        table.row(["plain", "a,b", "say \"hi\"", "two\nlines", ""]);
        table.row(["=HYPERLINK(\"x\")", "+1", "-1", "@SUM", "\tx"]);
        let text = String::from_utf8(table.into_bytes()).expect("text");
        assert_eq!(
            text,
            "plain,\"a,b\",\"say \
             \"\"hi\"\"\",\"two\nlines\",\r\n\"'=HYPERLINK(\"\"x\"\")\",'+1,'-1,'@SUM,'\tx\r\n"
        );
    }
}
