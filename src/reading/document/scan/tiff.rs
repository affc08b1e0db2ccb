//! The pieces of a scan as one TIFF file, a picture for each: OCR programs read such a file as so many pages.

use super::Piece;

/// A TIFF (revision 6.0) of uncompressed grey pictures, little endian.
pub(crate) fn tiff(pieces: &[Piece]) -> Vec<u8> {
    let mut out = b"II*\0\0\0\0\0".to_vec();
    // Where the offset of the next directory is to be written.
    let mut link = 4;
    for piece in pieces {
        let data = out.len() as u32;
        out.extend_from_slice(&piece.pixels);
        if !out.len().is_multiple_of(2) {
            out.push(0);
        }
        let directory = out.len() as u32;
        out[link..link + 4].copy_from_slice(&directory.to_le_bytes());
        let (width, height) = (piece.width as u32, piece.height() as u32);
        let (short, long) = (3u16, 4u16);
        let entries: [(u16, u16, u32); 9] = [
            (256, long, width),
            (257, long, height),
            (258, short, 8),     // bits a sample
            (259, short, 1),     // not compressed
            (262, short, 1),     // 0 is black
            (273, long, data),   // where the pixels are
            (277, short, 1),     // samples a pixel
            (278, long, height), // rows in the only strip
            (279, long, piece.pixels.len() as u32),
        ];
        out.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, value) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(1u32.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        link = out.len();
        out.extend([0; 4]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_a_picture_of_the_file() {
        let piece = |width: usize, shade: u8| Piece {
            pixels: vec![shade; width * 3],
            width,
            left: 0.0,
            scale: 1.0,
            baseline: 0.0,
            letter_height: 1.0,
        };
        let file = tiff(&[piece(5, 10), piece(4, 200)]);
        let second = crate::reading::document::image::gray(&file, 2).expect("the second picture is there");
        assert_eq!((second.width, second.height, second.pixels), (4, 3, vec![200; 12]));
        let first = crate::reading::document::image::gray(&file, 1).expect("the first picture is there");
        assert_eq!((first.width, first.pixels), (5, vec![10; 15]));
        assert!(crate::reading::document::image::gray(&file, 3).is_err());
    }
}
