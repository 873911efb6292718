# An HTTP service on base R's own sockets.
library(unitconv)

known <- read.csv("data/units.csv", stringsAsFactors = FALSE)
precision <- as.integer(Sys.getenv("UNITS_PRECISION", "2"))

answer <- function(status, text) {
  body <- paste0(text, "\n")
  paste0("HTTP/1.1 ", status, "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ",
         nchar(body, type = "bytes"), "\r\nConnection: close\r\n\r\n", body)
}

fields <- function(query) {
  pairs <- strsplit(strsplit(query, "&", fixed = TRUE)[[1]], "=", fixed = TRUE)
  setNames(lapply(pairs, function(pair) URLdecode(pair[2])), vapply(pairs, `[`, "", 1))
}

respond <- function(target) {
  parts <- strsplit(target, "?", fixed = TRUE)[[1]]
  if (parts[1] == "/") return(answer("200 OK", paste(paste0(known$name, ": ", known$unit), collapse = "\n")))
  if (parts[1] != "/convert" || length(parts) < 2) return(answer("404 Not Found", "no such page"))
  asked <- fields(parts[2])
  tryCatch({
    found <- convert(as.numeric(asked$value), asked$from, asked$to)
    answer("200 OK", paste(asked$value, asked$from, "is", format(found, digits = precision), asked$to))
  }, error = function(problem) answer("400 Bad Request", conditionMessage(problem)))
}

listening <- serverSocket(8010)
repeat {
  connection <- socketAccept(listening, blocking = TRUE, open = "r+b", timeout = 3600)
  try({
    line <- readLines(connection, 1)
    while (nzchar(sub("\r$", "", readLines(connection, 1)))) {}
    writeBin(charToRaw(respond(strsplit(line, " ", fixed = TRUE)[[1]][2])), connection)
  }, silent = TRUE)
  close(connection)
}
