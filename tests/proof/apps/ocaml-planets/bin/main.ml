(* Planets over HTTP: data/planets.tsv is read at the start, relative to the working directory. *)
let rows =
  let file = open_in "data/planets.tsv" in
  let rec read found =
    match input_line file with
    | line -> read (Str.split (Str.regexp "\t") line :: found)
    | exception End_of_file -> close_in file; List.rev found
  in
  read []

let find name = List.find_opt (function n :: _ -> String.lowercase_ascii n = name | [] -> false) rows

let answer path =
  match path with
  | "/" -> (200, String.concat "\n" (List.filter_map (function n :: _ -> Some n | [] -> None) rows) ^ "\n")
  | _ -> (
      let name = String.lowercase_ascii (String.sub path 1 (String.length path - 1)) in
      match find name with
      | Some [ name; moons; radius ] -> (200, Printf.sprintf "%s has %s moons, radius %.0f km\n" name moons (float_of_string radius))
      | _ -> (404, "no such planet\n"))

let serve port =
  let socket = Unix.socket Unix.PF_INET Unix.SOCK_STREAM 0 in
  Unix.setsockopt socket Unix.SO_REUSEADDR true;
  Unix.bind socket (Unix.ADDR_INET (Unix.inet_addr_any, port));
  Unix.listen socket 16;
  while true do
    let client, _ = Unix.accept socket in
    let input = Unix.in_channel_of_descr client and output = Unix.out_channel_of_descr client in
    (try
       let status, body = match String.split_on_char ' ' (input_line input) with _ :: path :: _ -> answer path | _ -> (400, "?\n") in
       Printf.fprintf output "HTTP/1.0 %d OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" status
         (String.length body) body;
       flush output
     with _ -> ());
    Unix.close client
  done

let () =
  Sys.set_signal Sys.sigterm (Sys.Signal_handle (fun _ -> exit 0));
  let port = ref 8096 in
  Arg.parse [ ("--port", Arg.Set_int port, "port") ] ignore "planets";
  serve !port
