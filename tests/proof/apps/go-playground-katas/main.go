// Playground hands out small Go exercises and runs the tests of an exercise
// against the solutions that people send in.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

var (
	katas = flag.String("katas", "katas", "folder of the exercises")
	addr  = flag.String("addr", ":8080", "address to listen on")
	check = flag.Bool("check", false, "run the model solutions and leave")
)

var validName = regexp.MustCompile(`^[a-z]+$`)

func kataDir(r *http.Request) (string, bool) {
	name := r.PathValue("name")
	dir := filepath.Join(*katas, name)
	_, err := os.Stat(filepath.Join(dir, "task.txt"))
	return dir, validName.MatchString(name) && err == nil
}

func list(w http.ResponseWriter, r *http.Request) {
	tasks, _ := filepath.Glob(filepath.Join(*katas, "*", "task.txt"))
	for _, task := range tasks {
		fmt.Fprintf(w, "/katas/%s\n", filepath.Base(filepath.Dir(task)))
	}
}

func task(w http.ResponseWriter, r *http.Request) {
	dir, ok := kataDir(r)
	if !ok {
		http.Error(w, "no such kata", http.StatusNotFound)
		return
	}
	http.ServeFile(w, r, filepath.Join(dir, "task.txt"))
}

func solve(w http.ResponseWriter, r *http.Request) {
	dir, ok := kataDir(r)
	if !ok {
		http.Error(w, "no such kata", http.StatusNotFound)
		return
	}
	solution, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	result, err := judge(ctx, dir, solution)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}

func main() {
	flag.Parse()
	if *check {
		if err := checkAll(*katas); err != nil {
			log.Fatal(err)
		}
		return
	}
	http.HandleFunc("GET /{$}", list)
	http.HandleFunc("GET /katas/{name}", task)
	http.HandleFunc("POST /katas/{name}", solve)
	log.Println("listening on", *addr)
	log.Fatal(http.ListenAndServe(*addr, nil))
}
