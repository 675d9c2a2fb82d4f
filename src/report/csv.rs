//! CSV as in RFC 4180, whose cells no spreadsheet takes for formulas.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

/// Rows of CSV, as bytes.
#[derive(Debug, Default)]
pub struct Table(Vec<u8>);

impl Table {
    /// Adds a row.
    pub fn row<I: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = I>) {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut self.0);
        let cells = cells.into_iter();
        let cells: Vec<_> = cells.map(|cell| neutral(cell.as_ref()).into_owned()).collect();
        // Memory takes rows of every length.
        let _ = writer.write_record(&cells).and_then(|()| Ok(writer.flush()?));
    }

    /// What was added so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The cell with an apostrophe before what spreadsheets take for a formula.
pub fn neutral(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
