//! Tables: captioned, with scoped headings, each in a box of its own that scrolls sideways.

use maud::{Markup, html};

use crate::table::grid::Grid;

/// A block of the terminal's answer as a table.
pub(super) fn grid(grid: &Grid) -> Markup {
    let words: Vec<bool> = (0..grid.header().len()).map(|index| grid.is_words(index)).collect();
    let header: Vec<String> = grid.header().iter().map(|name| joined(name)).collect();
    table(grid.title(), &header, &words, grid.rows())
}

/// A column's name without its line ends. A hyphen before one belongs to the word.
fn joined(name: &str) -> String {
    name.replace("-\n", "-").replace('\n', " ")
}

/// A table whose first column heads its rows. In a cell what follows a line end is printed small.
pub(super) fn table(caption: &str, header: &[String], words: &[bool], rows: &[Vec<String>]) -> Markup {
    let class = |index: usize| if words.get(index).copied().unwrap_or_default() { "words" } else { "figure" };
    html! {
        div.scroll role="region" tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead {
                    tr { @for (index, name) in header.iter().enumerate() { th scope="col" class=(class(index)) { (name) } } }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (index, text) in row.iter().enumerate() {
                                @if index == 0 {
                                    th scope="row" class=(class(index)) { (lines(text)) }
                                } @else {
                                    td class=(class(index)) { (lines(text)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn lines(text: &str) -> Markup {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    html! { (first) @for line in lines { " " small { (line) } } }
}
