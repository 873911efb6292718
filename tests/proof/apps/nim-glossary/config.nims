switch("threads", "off")
switch("hints", "off")
