bind = "0.0.0.0:8000"
workers = 1
threads = 4
accesslog = "-"
proc_name = "guestbook"
