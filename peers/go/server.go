// server ADDRESS PORT: / answers at once, any other path counts ?turns=N in its goroutine and then
// sleeps ?wait_ms=M.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

func count(turns int) int {
	count := 0
	for i := 0; i < turns; i++ {
		count++
	}
	return count
}

func answer(w http.ResponseWriter, r *http.Request) {
	counted := 0
	if r.URL.Path != "/" {
		turns, _ := strconv.Atoi(r.FormValue("turns"))
		wait, _ := strconv.ParseFloat(r.FormValue("wait_ms"), 64)
		counted = count(turns)
		time.Sleep(time.Duration(wait * float64(time.Millisecond)))
		w.Header().Set("Server-Timing", fmt.Sprintf("wait;dur=%g", wait))
	}
	fmt.Fprintf(w, "done %d", counted)
}

func main() {
	http.HandleFunc("/", answer)
	log.Fatal(http.ListenAndServe(net.JoinHostPort(os.Args[1], os.Args[2]), nil))
}
