(ns harbour.core
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io]
            [clojure.string :as string])
  (:import (com.sun.net.httpserver HttpExchange HttpHandler HttpServer)
           (java.net InetSocketAddress))
  (:gen-class))

(defn- answer [^HttpExchange exchange status ^String text]
  (let [body (.getBytes text "UTF-8")]
    (.set (.getResponseHeaders exchange) "Content-Type" "text/plain; charset=utf-8")
    (.sendResponseHeaders exchange status (alength body))
    (with-open [out (.getResponseBody exchange)]
      (.write out body))))

(defn- handler [answering]
  (reify HttpHandler
    (handle [_ exchange]
      (let [[status text] (answering (last (string/split (.getPath (.getRequestURI exchange)) #"/")))]
        (answer exchange status text)))))

(defn -main [table]
  (let [tides (edn/read-string (slurp table))
        greeting (string/trim (slurp (io/resource "greeting.txt")))
        server (HttpServer/create (InetSocketAddress. 8094) 0)]
    (.createContext server "/high/" (handler #(if-let [tide (get tides %)] [200 (str % ": " (:high tide))] [404 "no such harbour"])))
    (.createContext server "/" (handler (fn [_] [200 greeting])))
    (.start server)))
