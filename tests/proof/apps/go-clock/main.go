package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"html/template"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

type settings struct {
	Name  string   `json:"name"`
	Zones []string `json:"zones"`
}

func load(file string) (s settings) {
	raw, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		log.Fatal(err)
	}
	return s
}

func countCertificates(file string) int {
	rest, err := os.ReadFile(file)
	if err != nil {
		log.Print(err)
		return 0
	}
	n := 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(bytes.TrimSpace(rest)); block == nil {
			return n
		}
		n++
	}
}

func main() {
	s := load("/etc/clock/settings.json")
	page := template.Must(template.ParseFiles("web/clock.html"))

	// the page shows a given second (?t=) in all zones
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t := time.Now()
		if sec, err := strconv.ParseInt(r.URL.Query().Get("t"), 10, 64); err == nil {
			t = time.Unix(sec, 0)
		}
		rows := map[string]string{}
		for _, name := range s.Zones {
			loc, err := time.LoadLocation(name)
			if err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
			rows[name] = t.In(loc).Format("2006-01-02 15:04 MST")
		}
		page.Execute(w, map[string]any{"Name": s.Name, "Rows": rows, "Local": t.Local().Format("15:04 MST")})
	})
	http.HandleFunc("/ca", func(w http.ResponseWriter, r *http.Request) {
		n := countCertificates("/etc/ssl/certs/ca-certificates.crt")
		json.NewEncoder(w).Encode(map[string]any{"loaded": n > 0})
	})
	http.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("pong")) })

	port := os.Getenv("PORT")
	log.Println(s.Name, "on port", port)
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
