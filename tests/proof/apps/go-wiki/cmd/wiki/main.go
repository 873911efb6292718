package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.org/wiki/internal/pages"
	"gopkg.in/yaml.v3"
)

//go:embed static
var static embed.FS

// set with -ldflags "-X main.version=..."
var version = "dev"

type config struct {
	Title     string `yaml:"title"`
	Listen    string `yaml:"listen"`
	Pages     string `yaml:"pages"`
	Templates string `yaml:"templates"`
}

func main() {
	configFile := flag.String("config", "wiki.yaml", "configuration file")
	showVersion := flag.Bool("version", false, "show the version")
	flag.Parse()
	if *showVersion {
		fmt.Println("wiki", version)
		return
	}

	raw, err := os.ReadFile(*configFile)
	if err != nil {
		log.Fatal(err)
	}
	var cfg config
	if err := yaml.Unmarshal(raw, &cfg); err != nil {
		log.Fatal(err)
	}

	store := pages.Store{Dir: cfg.Pages}
	mux := http.NewServeMux()
	assets, _ := fs.Sub(static, "static")
	mux.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.FS(assets))))
	mux.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "wiki %s\n", version)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		if name == "" {
			name = "home"
		}
		text, err := store.Load(name)
		if err != nil {
			http.Error(w, "no such page", http.StatusNotFound)
			return
		}
		t, err := template.ParseGlob(cfg.Templates + "/*.html")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		t.ExecuteTemplate(w, "page.html", map[string]any{"Title": cfg.Title, "Name": name, "Paragraphs": text})
	})

	srv := &http.Server{Addr: cfg.Listen, Handler: mux}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		c, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		srv.Shutdown(c)
	}()
	log.Printf("%s %s on %s", cfg.Title, version, cfg.Listen)
	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
