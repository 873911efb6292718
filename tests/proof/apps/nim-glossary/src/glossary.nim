## A glossary over HTTP: every line of terms/*.txt is `term: what it means`.
import std/[asynchttpserver, asyncdispatch, os, re, sequtils, strutils, tables, uri]

proc load(folder: string): OrderedTable[string, string] =
  for file in toSeq(walkFiles(folder / "*.txt")):
    for line in lines(file):
      var parts: array[2, string]
      if match(line, re"^(\w[\w ]*?)\s*:\s*(.+)$", parts):
        result[parts[0].toLowerAscii] = parts[1]

let terms = load("terms")

proc links(text: string): string =
  ## Terms that a meaning mentions, marked like *this*.
  result = text
  for name in terms.keys:
    result = result.replacef(re(r"\b(" & name & r")\b", {reIgnoreCase}), "*$1*")

proc answer(request: Request) {.async, gcsafe.} =
  {.cast(gcsafe).}:
    let asked = request.url.path.strip(chars = {'/'}).decodeUrl.toLowerAscii
    if asked == "":
      await request.respond(Http200, toSeq(terms.keys).join("\n") & "\n")
    elif asked in terms:
      await request.respond(Http200, asked & ": " & links(terms[asked]) & "\n")
    else:
      await request.respond(Http404, "no such term\n")

let server = newAsyncHttpServer()
waitFor server.serve(Port(parseInt(getEnv("PORT", "8095"))), answer)
