//! OCR by the tesseract program: grey pixels in, words with boxes out.
//!
//! The pixels are our own rendering, so tesseract never sees the hostile file. It still runs with an empty environment,
//! limits and a timeout. Which pages need OCR is decided in `parser`.

use super::readings::Readings;
use super::recognised::Recognised;
use crate::reading::document::pdf::PageImage;
use crate::reading::document::scan::{Quarter, take_apart, tiff};
use crate::reading::document::{Visibility, Word};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::OnceCell;

/// Languages that orders come in, as tesseract calls them.
const LANGUAGES: [&str; 6] = ["eng", "deu", "fra", "spa", "ita", "nld"];
/// Most bytes of tesseract's answer that are read.
const MOST_OUTPUT: u64 = 8 << 20;
/// Below so many words the page layout analysis may have missed the text, and the sparse mode is asked too.
const FEW_WORDS: usize = 25;

/// The program's modes for a line of text and for text anywhere on a page.
const LINE: &str = "7";
const SPARSE: &str = "11";
/// Mean confidence below which a page may stand on its head.
const DOUBTFUL: f32 = 65.0;
/// How OCR is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OcrSettings {
    /// Off: pages without text become findings.
    pub enabled: bool,
    /// The tesseract program; empty: looked for on PATH and in the usual folders.
    pub tesseract: Option<PathBuf>,
    /// Languages as tesseract calls them, empty: those of eng deu fra spa ita nld that are installed.
    pub languages: Vec<String>,
    /// Seconds for one page.
    pub timeout_seconds: u64,
    /// Pages of one document that are read by OCR.
    pub pages: usize,
}

impl Default for OcrSettings {
    fn default() -> Self {
        Self { enabled: true, tesseract: None, languages: Vec::new(), timeout_seconds: 60, pages: 20 }
    }
}

/// A tesseract that was found; its languages are asked for at the first use.
#[derive(Debug)]
pub(super) struct Ocr {
    program: PathBuf,
    wanted: Vec<String>,
    timeout: Duration,
    languages: OnceCell<Result<String, String>>,
}

impl Ocr {
    /// `None` where OCR is off or there is no tesseract.
    pub(super) fn find(settings: &OcrSettings) -> Option<Self> {
        if !settings.enabled {
            return None;
        }
        let program = match &settings.tesseract {
            Some(path) => path.is_file().then(|| path.clone())?,
            None => on_path("tesseract")?,
        };
        Some(Self {
            program,
            wanted: settings.languages.clone(),
            timeout: Duration::from_secs(settings.timeout_seconds.max(1)),
            languages: OnceCell::new(),
        })
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The words on the image, with boxes in points of the upright page.
    ///
    /// The page is taken apart first and each piece of text is read as one line: the program's own idea of columns joins cells
    /// over rulings and loses small ones. A page that comes to nothing is tried the other way up, and as a whole.
    pub(super) async fn read(&self, image: PageImage) -> Result<Recognised, String> {
        let image = Arc::new(image);
        let page = self.pieces(&image, None).await?;
        if page.certainty() >= DOUBTFUL {
            return Ok(page);
        }
        let mut best = page;
        if !best.words.is_empty() {
            let other = self.pieces(&image, Some(best.quarter.opposite())).await?;
            if other.certainty() > best.certainty() {
                best = other;
            }
        }
        if best.words.len() < FEW_WORDS {
            let whole = self.whole(&image).await?;
            if whole.weight() > best.weight() {
                best = whole;
            }
        }
        Ok(best)
    }

    async fn pieces(&self, image: &Arc<PageImage>, turn: Option<Quarter>) -> Result<Recognised, String> {
        let picture = Arc::clone(image);
        // Work of a tenth of a second, in which nobody else should have to wait.
        let apart = tokio::task::spawn_blocking(move || {
            let scan = take_apart(&picture, turn);
            let file = tiff(&scan.pieces);
            (scan, file)
        });
        let (scan, file) = apart.await.map_err(|e| format!("the page could not be taken apart: {e}"))?;
        let mut readings = Readings::of(&scan.pieces);
        if !scan.pieces.is_empty() {
            readings.take(&self.run(&file, scan.dpi, LINE).await?);
            let again = readings.doubtful();
            if !again.is_empty() {
                readings.take_again(&again, &self.run(&tiff(&again.pieces), scan.dpi, LINE).await?);
            }
        }
        let words = readings.words(72.0 / scan.dpi);
        Ok(Recognised { words, rulings: scan.rulings, width: scan.width, height: scan.height, quarter: scan.quarter })
    }

    async fn whole(&self, image: &PageImage) -> Result<Recognised, String> {
        let words = words(&self.run(&image.to_pgm(), image.dpi, SPARSE).await?, image.dpi);
        let points = 72.0 / image.dpi;
        let (width, height) = (image.width as f32 * points, image.height as f32 * points);
        Ok(Recognised { words, rulings: Vec::new(), width, height, quarter: Quarter::None })
    }

    /// The program's table for a picture file.
    async fn run(&self, file: &[u8], dpi: f32, mode: &str) -> Result<String, String> {
        let languages = self.languages.get_or_init(|| self.installed()).await.clone()?;
        let dpi = (dpi.round() as u32).to_string();
        let arguments = ["stdin", "stdout", "-l", &languages, "--dpi", &dpi, "--psm", mode, "tsv"].map(str::to_owned);
        self.call(&arguments, file).await
    }

    /// The languages to read with, `eng+deu`.
    async fn installed(&self) -> Result<String, String> {
        if !self.wanted.is_empty() {
            return Ok(self.wanted.join("+"));
        }
        let list = self.call(&["--list-langs".to_owned()], b"").await?;
        let usable: Vec<&str> =
            LANGUAGES.into_iter().filter(|language| list.lines().any(|line| line.trim() == *language)).collect();
        if usable.is_empty() { Err("no language of orders is installed for it".into()) } else { Ok(usable.join("+")) }
    }

    async fn call(&self, arguments: &[String], input: &[u8]) -> Result<String, String> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .env_clear()
            // Its threads cost more than they bring for one page.
            .env("OMP_THREAD_LIMIT", "1")
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("{} cannot be started: {e}", self.program.display()))?;
        limit(&child, self.timeout.as_secs());
        let mut stdin = child.stdin.take().ok_or("no pipe to it")?;
        let stdout = child.stdout.take().ok_or("no pipe from it")?;
        let write = async {
            // It may end before it has read everything; what it says then counts.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        let mut output = Vec::new();
        let mut capped = stdout.take(MOST_OUTPUT);
        let talk = async {
            let (_, read) = tokio::join!(write, capped.read_to_end(&mut output));
            read.map_err(|e| e.to_string())?;
            child.wait().await.map_err(|e| e.to_string())
        };
        let ended = tokio::time::timeout(self.timeout, talk).await;
        match ended {
            Ok(Ok(status)) if status.success() => String::from_utf8(output).map_err(|e| e.to_string()),
            Ok(Ok(status)) => Err(format!("it ended with {status}")),
            Ok(Err(problem)) => Err(problem),
            Err(_elapsed) => {
                let _ = child.kill().await;
                Err(format!("it took longer than {} s", self.timeout.as_secs()))
            }
        }
    }
}

/// Limits of the running program: memory, CPU time, no files to write.
#[cfg(target_os = "linux")]
fn limit(child: &tokio::process::Child, seconds: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else { return };
    for (resource, value) in [(Resource::As, 2 << 30), (Resource::Cpu, seconds), (Resource::Fsize, 0), (Resource::Core, 0)] {
        // A child that has ended already needs no limits.
        let _ = prlimit(Some(pid), resource, Rlimit { current: Some(value), maximum: Some(value) });
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_child: &tokio::process::Child, _seconds: u64) {}

#[expect(clippy::disallowed_methods, reason = "where programs are is said by PATH alone; no setting is read from it")]
fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// Words out of tesseract's TSV: `level page block paragraph line word left top width height confidence text`.
fn words(table: &str, dpi: f32) -> Vec<Word> {
    let points = 72.0 / dpi;
    let mut size = 0.0;
    let mut words = Vec::new();
    for row in table.lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let [level, _, _, _, _, _, left, top, width, height, confidence, text @ ..] = cells.as_slice() else { continue };
        let number = |cell: &str| cell.parse::<f32>().ok().filter(|value| value.is_finite());
        let (Some(left), Some(top), Some(width), Some(height)) = (number(left), number(top), number(width), number(height)) else {
            continue;
        };
        match *level {
            "4" => size = height * points,
            "5" => {
                let text = text.join(" ");
                let confidence = number(confidence).unwrap_or(-1.0);
                let text = text.trim();
                // Rulings come as strokes; a colon or a slash on its own is print.
                let strokes = |c: char| matches!(c, '|' | '_' | '~' | '`' | '\'' | '—' | '[' | ']' | '{' | '}');
                let noise = !text.chars().any(char::is_alphanumeric) && (confidence < 60.0 || text.chars().all(strokes));
                if text.is_empty() || confidence < 0.0 || noise {
                    continue;
                }
                let bbox = [left * points, top * points, (left + width) * points, (top + height) * points];
                words.extend(split(text, bbox).into_iter().map(|(text, bbox)| Word {
                    text,
                    bbox,
                    size: if size > 0.0 { size.min(height * points * 2.0) } else { height * points },
                    bold: false,
                    visibility: Visibility::Visible,
                    ocr_confidence: Some(confidence.clamp(0.0, 100.0) as u8),
                    span: None,
                }));
            }
            _other => {}
        }
    }
    words
}

/// A word of ours has no white space; the box is shared out by characters where tesseract's has some.
pub(super) fn split(text: &str, [x0, y0, x1, y1]: [f32; 4]) -> Vec<(String, [f32; 4])> {
    let step = (x1 - x0) / text.chars().count().max(1) as f32;
    let mut at = 0;
    let mut parts = Vec::new();
    for part in text.split(char::is_whitespace) {
        let length = part.chars().count();
        if length > 0 {
            parts.push((part.to_owned(), [x0 + at as f32 * step, y0, x0 + (at + length) as f32 * step, y1]));
        }
        at += length + 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_out_of_the_table_in_points() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
                     4\t1\t1\t1\t1\t0\t300\t600\t900\t60\t-1\t\n\
                     5\t1\t1\t1\t1\t1\t300\t600\t150\t48\t96.3\tPO-4711\n\
                     5\t1\t1\t1\t1\t2\t500\t600\t10\t48\t91\t|\n\
                     5\t1\t1\t1\t1\t3\tx\t600\t10\t48\t31\tbroken\n";
        let words = words(table, 300.0);
        assert_eq!(words.len(), 1);
        assert_eq!((words[0].text.as_str(), words[0].ocr_confidence), ("PO-4711", Some(96)));
        assert_eq!(words[0].bbox.map(|x| (x * 10.0).round() / 10.0), [72.0, 144.0, 108.0, 155.5]);
        assert!((words[0].size - 14.4).abs() < 0.01);
    }
}
