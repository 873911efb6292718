package main

import (
	"database/sql"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	_ "github.com/mattn/go-sqlite3"
)

type item struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func env(key, def string) string {
	if v := os.Getenv(key); v != "" {
		return v
	}
	return def
}

func migrate(db *sql.DB, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if _, err := db.Exec(string(text)); err != nil {
			return err
		}
		log.Println("applied", f)
	}
	return nil
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v)
}

func main() {
	db, err := sql.Open("sqlite3", env("DB_PATH", "data/inventory.db"))
	if err != nil {
		log.Fatal(err)
	}
	if err := migrate(db, env("SCHEMA_DIR", "schema")); err != nil {
		log.Fatal(err)
	}

	http.HandleFunc("/items", func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			var it item
			if err := json.NewDecoder(r.Body).Decode(&it); err != nil || it.Name == "" {
				reply(w, 400, map[string]string{"error": "bad item"})
				return
			}
			res, err := db.Exec("INSERT INTO items (name, count) VALUES (?, ?)", it.Name, it.Count)
			if err != nil {
				reply(w, 500, map[string]string{"error": err.Error()})
				return
			}
			it.ID, _ = res.LastInsertId()
			reply(w, 201, it)
		default:
			min, _ := strconv.Atoi(r.URL.Query().Get("min"))
			rows, err := db.Query("SELECT id, name, count FROM items WHERE count >= ? ORDER BY id", min)
			if err != nil {
				reply(w, 500, map[string]string{"error": err.Error()})
				return
			}
			defer rows.Close()
			items := []item{}
			for rows.Next() {
				var it item
				rows.Scan(&it.ID, &it.Name, &it.Count)
				items = append(items, it)
			}
			reply(w, 200, items)
		}
	})
	http.HandleFunc("/sqlite", func(w http.ResponseWriter, r *http.Request) {
		var major string
		db.QueryRow("SELECT substr(sqlite_version(), 1, 2)").Scan(&major)
		reply(w, 200, map[string]string{"sqlite": major + "x"})
	})

	addr := ":" + env("PORT", "9090")
	log.Println("listening on", addr)
	log.Fatal(http.ListenAndServe(addr, nil))
}
