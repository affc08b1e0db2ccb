//! A picture of a page made ready for OCR: which pieces of text stand where, without the lines between them.
//!
//! OCR programs find letters well and tables badly: they join cells over ruling lines, read lines as letters and lose small cells.
//! So the page is made even (`raster`), upright (`skew`), light where it was dark (`fills`), its rulings are taken out and kept
//! (`rulings`), and what remains is cut into pieces of lines (`blobs`, `segments`) that are read one by one. Reading itself is in
//! `reading::confined`.

mod blobs;
mod fills;
mod raster;
mod rulings;
mod segments;
mod skew;
mod tiff;

pub(crate) use raster::Quarter;
pub(crate) use tiff::tiff;

use super::Ruling;
use super::pdf::PageImage;
use raster::Raster;
use segments::Segment;

/// Darker than this is print, once the paper is even.
const INK: u8 = 150;
/// Paper left around a piece, pixels, and white put around that.
const AROUND: usize = 3;
const MARGIN: usize = 5;
/// Height of capitals that OCR reads best, pixels.
const TAUGHT_HEIGHT: f32 = 32.0;
/// A page has fewer pieces than this.
const MOST_PIECES: usize = 4_000;

/// A page's picture, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scan {
    /// Of the upright page, points.
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// How the picture was turned to be upright, and by how many degrees it leaned clockwise after that.
    pub(crate) quarter: Quarter,
    pub(crate) lean: f32,
    pub(crate) dpi: f32,
    pub(crate) rulings: Vec<Ruling>,
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a line of text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// Grey pixels, row by row, `width` in a row.
    pub(crate) pixels: Vec<u8>,
    pub(crate) width: usize,
    /// Where its left edge is on the page, pixels; white around the piece may reach over the page's edge.
    pub(crate) left: f32,
    /// Pixels of the piece for one of the page.
    pub(crate) scale: f32,
    /// Where its letters stand, and the height of its capitals and figures, pixels.
    pub(crate) baseline: f32,
    pub(crate) letter_height: f32,
}

impl Piece {
    pub(crate) fn height(&self) -> usize {
        self.pixels.len() / self.width.max(1)
    }

    /// The piece in other ways, for OCR that was not sure of it: letters of the size that it was taught with, without grain, and in
    /// plain black on white.
    pub(crate) fn variants(&self) -> [Self; 3] {
        let raster = Raster { width: self.width, height: self.height(), pixels: self.pixels.clone() };
        let sized = |height: f32| {
            let times = (height / self.letter_height).clamp(0.25, 4.0);
            (raster.scaled(times).softened().framed(MARGIN), times)
        };
        let mut plain = raster.clone();
        plain.pixels.iter_mut().for_each(|pixel| *pixel = if *pixel < INK { 0 } else { 255 });
        [sized(TAUGHT_HEIGHT), sized(TAUGHT_HEIGHT * 0.75), (plain.framed(MARGIN), 1.0)].map(|(raster, times)| Self {
            width: raster.width,
            pixels: raster.pixels,
            left: self.left - MARGIN as f32 / times,
            scale: times,
            ..*self
        })
    }
}

/// Takes a page apart. `turn` is how it must be turned; `None`: as its letters show.
pub(crate) fn take_apart(image: &PageImage, turn: Option<Quarter>) -> Scan {
    let picture = Raster { width: image.width as usize, height: image.height as usize, pixels: image.pixels.clone() };
    let known = turn.unwrap_or(Quarter::None);
    let mut page = Cleaned::of(picture.turned(known), image.dpi);
    let mut quarter = known;
    if turn.is_none() {
        quarter = page.quarter(image.dpi);
        if quarter != Quarter::None {
            page = Cleaned::of(picture.turned(quarter), image.dpi);
        }
    }
    let mut found = segments::segments(&page.patches, &page.verticals, image.dpi);
    found.truncate(MOST_PIECES);
    let points = 72.0 / image.dpi;
    let ruling = |line: &[usize; 4]| Ruling { bbox: line.map(|side| side as f32 * points) };
    Scan {
        width: page.raster.width as f32 * points,
        height: page.raster.height as f32 * points,
        quarter,
        lean: page.lean,
        dpi: image.dpi,
        rulings: page.horizontals.iter().chain(&page.verticals).map(ruling).collect(),
        pieces: found.iter().map(|segment| piece(&page.raster, segment)).collect(),
    }
}

/// An even, straight page without its rulings.
struct Cleaned {
    raster: Raster,
    /// Degrees by which it leaned clockwise.
    lean: f32,
    horizontals: Vec<[usize; 4]>,
    verticals: Vec<[usize; 4]>,
    patches: Vec<blobs::Blob>,
}

impl Cleaned {
    fn of(picture: Raster, dpi: f32) -> Self {
        let mut raster = picture.evened(dpi);
        let lean = skew::lean(&raster);
        if lean != 0.0 {
            raster = raster.tilted(-lean);
        }
        fills::lighten(&mut raster, dpi);
        let (horizontals, verticals) = rulings::wipe(&mut raster, dpi);
        let patches = blobs::blobs(&raster, INK);
        Self { raster, lean, horizontals, verticals, patches }
    }

    /// How the page must be turned, judged by its letters: which way their lines run and where they stand in line.
    fn quarter(&self, dpi: f32) -> Quarter {
        if segments::runs_down(&self.patches, dpi) {
            let turned = blobs::blobs(&self.raster.turned(Quarter::One), INK);
            return if segments::is_on_its_head(&turned, dpi) { Quarter::Three } else { Quarter::One };
        }
        if segments::is_on_its_head(&self.patches, dpi) { Quarter::Two } else { Quarter::None }
    }
}

/// Cuts a piece out of the page: its ink black, white around it.
fn piece(raster: &Raster, segment: &Segment) -> Piece {
    let [x0, y0, x1, y1] = segment.bbox;
    let (left, top) = (x0.saturating_sub(AROUND), y0.saturating_sub(AROUND));
    let (right, bottom) = ((x1 + AROUND).min(raster.width), (y1 + AROUND).min(raster.height));
    let mut cut = Raster::new(right - left, bottom - top, 255);
    for y in top..bottom {
        cut.row_mut(y - top).copy_from_slice(&raster.row(y)[left..right]);
    }
    cut.spread(cut.percentile(0.02).min(INK), 245);
    let framed = cut.framed(MARGIN);
    Piece {
        width: framed.width,
        pixels: framed.pixels,
        left: left as f32 - MARGIN as f32,
        scale: 1.0,
        baseline: segment.baseline as f32,
        letter_height: segment.height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ruled table of two rows and two columns with three letters in each cell.
    fn table() -> PageImage {
        let mut raster = Raster::new(1000, 800, 235);
        for line in [100, 160, 220] {
            raster.fill([100, line, 703, line + 3], 60);
        }
        for line in [100, 400, 700] {
            raster.fill([line, 100, line + 3, 223], 60);
        }
        for (x, y) in [(120, 120), (360, 120), (120, 180), (360, 180), (406, 180)] {
            for letter in 0..3 {
                raster.fill([x + letter * 16, y, x + letter * 16 + 4, y + 20], 30);
            }
        }
        PageImage { width: 1000, height: 800, dpi: 200.0, pixels: raster.pixels }
    }

    #[test]
    fn cells_are_pieces_and_lines_are_rulings() {
        let scan = take_apart(&table(), Some(Quarter::None));
        assert_eq!((scan.rulings.len(), scan.pieces.len()), (6, 5));
        assert_eq!((scan.width, scan.height, scan.quarter, scan.lean), (360.0, 288.0, Quarter::None, 0.0));
        let piece = &scan.pieces[0];
        assert_eq!((piece.left, piece.baseline, piece.letter_height), (112.0, 140.0, 20.0));
        assert_eq!((piece.width, piece.height()), (52, 36));
        for variant in piece.variants() {
            // The first letter begins 8 pixels into the piece, at 120 on the page.
            let row = &variant.pixels[variant.height() / 2 * variant.width..][..variant.width];
            let first = row.iter().position(|pixel| *pixel < 128).expect("a letter") as f32;
            assert!((variant.left + first / variant.scale - 120.0).abs() < 1.0, "{} {first} {}", variant.left, variant.scale);
        }
    }
}
