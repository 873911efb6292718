//! trails: a small catalogue of hiking trails.
//!
//!   trails import FILE   fill the database from a semicolon separated file
//!   trails serve         answer HTTP requests

mod catalogue;
mod page;

use std::{env, error::Error, io::Read, process::exit};

use catalogue::Catalogue;
use tiny_http::{Header, Method, Request, Response, Server};

type Reply = (u16, String);

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_string())
}

fn route(catalogue: &Catalogue, request: &mut Request) -> Result<Reply, Box<dyn Error>> {
    let url = request.url().to_string();
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();

    match (request.method(), segments.as_slice()) {
        (Method::Get, []) => {
            let wanted = form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == "q")
                .map(|(_, value)| value.into_owned());
            let trails = match &wanted {
                Some(words) => catalogue.search(words)?,
                None => catalogue.all()?,
            };
            Ok((200, page::list(&trails)?))
        }
        (Method::Get, ["trail", slug]) => match catalogue.find(slug)? {
            Some(trail) => Ok((200, page::trail(&trail)?)),
            None => Ok((404, page::missing(slug)?)),
        },
        (Method::Post, ["trail", slug, "state"]) => {
            let mut state = String::new();
            request.as_reader().take(200).read_to_string(&mut state)?;
            match catalogue.set_state(slug, state.trim())? {
                Some(trail) => Ok((200, page::trail(&trail)?)),
                None => Ok((404, page::missing(slug)?)),
            }
        }
        _ => Ok((404, page::missing(path)?)),
    }
}

fn serve(catalogue: &Catalogue) -> Result<(), Box<dyn Error + Send + Sync>> {
    let address = setting("TRAILS_ADDR", "127.0.0.1:8000");
    let server = Server::http(&address)?;
    eprintln!("listening on {address}");
    for mut request in server.incoming_requests() {
        let (status, body) =
            route(catalogue, &mut request).unwrap_or_else(|e| (500, format!("error: {e}\n")));
        let html = Header::from_bytes("Content-Type", "text/html; charset=utf-8").unwrap();
        let response = Response::from_string(body)
            .with_status_code(status)
            .with_header(html);
        if let Err(e) = request.respond(response) {
            eprintln!("client went away: {e}");
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let catalogue = Catalogue::open(&setting("TRAILS_DB", "trails.db"))?;
    match words.as_slice() {
        ["import", file] => {
            println!(
                "{} trails imported",
                catalogue.import(&std::fs::read_to_string(file)?)?
            );
            Ok(())
        }
        ["serve"] => serve(&catalogue),
        _ => {
            eprintln!("usage: trails import FILE | trails serve");
            exit(2)
        }
    }
}
