use std::{fs, io, path::Path};

use crate::catalogue::Trail;

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Reads templates/NAME on every request (so that they can be edited without
/// a restart) and fills in `{{key}}`; values are inserted as they are.
fn fill(name: &str, values: &[(&str, &str)]) -> io::Result<String> {
    let mut text = fs::read_to_string(Path::new("templates").join(name))?;
    for (key, value) in values {
        text = text.replace(&format!("{{{{{key}}}}}"), value);
    }
    Ok(text)
}

fn layout(title: &str, body: &str) -> io::Result<String> {
    fill("layout.html", &[("title", &escape(title)), ("body", body)])
}

pub fn list(trails: &[Trail]) -> io::Result<String> {
    let mut rows = String::new();
    for trail in trails {
        rows += &format!(
            "<li><a href=\"/trail/{}\">{}</a> {:.1} km</li>\n",
            escape(&trail.slug),
            escape(&trail.name),
            trail.km
        );
    }
    layout(
        "Trails",
        &fill(
            "list.html",
            &[("count", &trails.len().to_string()), ("rows", &rows)],
        )?,
    )
}

pub fn trail(trail: &Trail) -> io::Result<String> {
    let km = format!("{:.1}", trail.km);
    let body = fill(
        "trail.html",
        &[
            ("state", &escape(&trail.state)),
            ("km", &km),
            ("notes", &escape(&trail.notes)),
        ],
    )?;
    layout(&trail.name, &body)
}

pub fn missing(what: &str) -> io::Result<String> {
    layout("Lost", &fill("missing.html", &[("what", &escape(what))])?)
}
