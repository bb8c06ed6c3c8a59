(ns peers
  "The workloads of csp-peers in core.async: `list` prints what there is, `run WORKLOAD NAME SHRINK` runs one and
  prints what it took, as one line of JSON."
  (:require [clojure.core.async :as a :refer [<! <!! >! alts! chan close! go go-loop timeout]]
            [clojure.string :as str])
  (:import (com.sun.management OperatingSystemMXBean)
           (java.lang.management ManagementFactory)
           (java.nio.file Files Path)
           (java.util.concurrent.atomic AtomicLong)))

(set! *warn-on-reflection* true)

;; Results: {:operations, :count, :sum} of numbers that came, or {:operations, :right}.

(defn sum-below ^long [^long n] (quot (* n (dec n)) 2))

(defn share [^long n ^long players ^long at]
  [(quot (* n at) players) (quot (* n (inc at)) players)])

(defn counted [n tallies]
  (let [total (reduce (fn [[c s] [c2 s2]] [(+ c c2) (+ s s2)]) [0 0] tallies)]
    {:operations n :lost (max 0 (- n (first total))) :right (= total [n (sum-below n)])}))

(defn put-all
  "A go block that puts the numbers of a range."
  [c [from to]]
  (go-loop [n (long from)]
    (when (< n (long to))
      (>! c n)
      (recur (inc n)))))

(defn tally
  "A go block that gives count and sum of what comes."
  [c]
  (go-loop [total 0 sum 0]
    (let [v (<! c)]
      (if (nil? v)
        [total sum]
        (recur (inc total) (+ sum (long v)))))))

(defn spawn-join [n]
  (let [sum (AtomicLong.) total (AtomicLong.)]
    (doseq [wave (partition-all 10000 (range n))]
      (let [blocks (mapv (fn [i] (go i)) wave)]
        (doseq [b blocks]
          (.addAndGet sum (long (<!! b)))
          (.incrementAndGet total))))
    (counted n [[(.get total) (.get sum)]])))

(defn pingpong [n]
  (let [ping (chan) pong (chan)]
    (go-loop []
      (when-let [ball (<! ping)]
        (>! pong (inc (long ball)))
        (recur)))
    (let [ball (<!! (go-loop [ball 0 left n]
                      (if (zero? (long left))
                        ball
                        (do (>! ping ball)
                            (recur (<! pong) (dec (long left)))))))]
      (close! ping)
      {:operations n :right (= ball n)})))

(defn ring [hops]
  (let [members 503
        channels (vec (repeatedly members chan))
        seen (chan 1)]
    (dotimes [member members]
      (let [takes (channels member) puts (channels (mod (inc member) members))]
        (go-loop []
          (when-let [left (<! takes)]
            (if (zero? (long left))
              (>! seen member)
              (do (>! puts (dec (long left)))
                  (recur)))))))
    (a/>!! (channels 0) hops)
    {:operations hops :right (= (<!! seen) (mod hops members))}))

(defn stream [putters takers room]
  (fn [n]
    (let [c (if (zero? (long room)) (chan) (chan room))
          blocks (mapv #(put-all c (share n putters %)) (range putters))
          tallies (mapv (fn [_] (tally c)) (range takers))]
      (doseq [b blocks] (<!! b))
      (close! c)
      (counted n (mapv <!! tallies)))))

(defn sources
  "So many channels, each with a block that puts its share and closes it."
  [n players room]
  (mapv (fn [at]
          (let [c (if (zero? (long room)) (chan) (chan room))
                block (put-all c (share n players at))]
            (go (<! block) (close! c))
            c))
        (range players)))

(defn select-of [players room]
  (fn [n]
    (let [all (sources n players room)]
      (counted n [(<!! (go-loop [open all total 0 sum 0]
                         (if (empty? open)
                           [total sum]
                           (let [[v c] (alts! open)]
                             (if (nil? v)
                               (recur (filterv #(not= c %) open) total sum)
                               (recur open (inc total) (+ sum (long v))))))))]))))

(defn select-puts [n]
  (let [from (sources n 4 0)
        to (vec (repeatedly 4 chan))
        tallies (mapv tally to)]
    (<!! (go-loop [open from queue clojure.lang.PersistentQueue/EMPTY]
           (when (or (seq open) (seq queue))
             (let [takes (if (< (count queue) 16) open [])
                   puts (if (seq queue) (mapv #(vector % (peek queue)) to) [])
                   [v c] (alts! (into takes puts))]
               (cond
                 (some #(identical? c %) to) (recur open (pop queue))
                 (nil? v) (recur (filterv #(not= c %) open) queue)
                 :else (recur open (conj queue v)))))))
    (run! close! to)
    (counted n (mapv <!! tallies))))

(defn node [parent ^long from ^long leaves]
  (go
    (if (= 1 leaves)
      (>! parent from)
      (let [c (chan)
            each (quot leaves 10)]
        (dotimes [child 10]
          (node c (+ from (* child each)) each))
        (>! parent (loop [left 10 sum 0]
                     (if (zero? left)
                       sum
                       (recur (dec left) (+ sum (long (<! c)))))))))))

(defn skynet [most]
  (let [leaves (long (Math/pow 10 (Math/floor (+ 1e-9 (Math/log10 (double most))))))
        root (chan)]
    (node root 0 leaves)
    {:operations 1 :right (= (<!! root) (sum-below leaves))}))

(defn prime? [n] (every? #(pos? (long (rem (long n) (long %)))) (take-while #(<= (* (long %) (long %)) (long n)) (iterate inc 2))))

(defn sieve [n]
  (let [numbers (chan)]
    (go-loop [i 2] (when (>! numbers i) (recur (inc i))))
    (let [[primes end] (loop [c numbers primes []]
                         (if (= n (count primes))
                           [primes c]
                           (let [prime (long (<!! c)) next (chan)]
                             (go-loop []
                               (let [i (<! c)]
                                 (when i
                                   (if (or (zero? (rem (long i) prime)) (>! next i))
                                     (recur)
                                     (close! c)))))
                             (recur next (conj primes prime)))))]
      (close! end)
      {:operations 1 :right (= primes (take n (filter prime? (iterate inc 2))))})))

(defn pipeline [n]
  (let [in (chan 16)
        out (reduce (fn [from _]
                      (let [to (chan 16)]
                        (go-loop []
                          (if-let [v (<! from)]
                            (do (>! to (inc (long v))) (recur))
                            (close! to)))
                        to))
                    in
                    (range 10))
        block (put-all in [0 n])
        result (tally out)]
    (<!! block)
    (close! in)
    (let [[total sum] (<!! result)]
      (counted n [[total (- (long sum) (* 10 (long n)))]]))))

(defn broadcast [n]
  (let [in (chan 16)
        m (a/mult in)
        tallies (mapv (fn [_] (tally (a/tap m (chan 16)))) (range 64))
        block (put-all in [0 n])]
    (<!! block)
    (close! in)
    (let [all (mapv <!! tallies)]
      {:operations (* 64 n)
       :lost (max 0 (- (* 64 n) (reduce + (map first all))))
       :right (every? #(= [n (sum-below n)] %) all)})))

(defn take-timeout [n]
  (let [c (chan)
        block (put-all c [0 n])]
    (go (<! block) (close! c))
    (counted n [(<!! (go-loop [total 0 sum 0]
                       (let [[v from] (alts! [c (timeout 1000)])]
                         (cond
                           (not= from c) (recur total sum)
                           (nil? v) [total sum]
                           :else (recur (inc total) (+ sum (long v)))))))])))

(def workloads
  [["spawn_join" 1000000 spawn-join]
   ["pingpong" 1000000 pingpong]
   ["ring" 2000000 ring]
   ["spsc_1024" 5000000 (stream 1 1 1024)]
   ["spsc_1" 1000000 (stream 1 1 1)]
   ["spsc_0" 1000000 (stream 1 1 0)]
   ["mpsc_1024" 4000000 (stream 8 1 1024)]
   ["mpmc_1024" 4000000 (stream 8 8 1024)]
   ["mpmc_0" 1000000 (stream 8 8 0)]
   ["select_8" 1000000 (select-of 8 0)]
   ["select_8_buf" 1000000 (select-of 8 128)]
   ["select_puts" 1000000 select-puts]
   ["select_1000" 200000 (select-of 1000 0)]
   ["skynet" 1000000 skynet]
   ["sieve" 1500 sieve]
   ["pipeline_10" 1000000 pipeline]
   ["broadcast_64" 50000 broadcast]
   ["take_timeout" 1000000 take-timeout]])

(defn cpu-ns ^long []
  (.getProcessCpuTime ^OperatingSystemMXBean (ManagementFactory/getOperatingSystemMXBean)))

(defn peak-rss []
  (let [line (first (filter #(str/starts-with? % "VmHWM:") (Files/readAllLines (Path/of "/proc/self/status" (make-array String 0)))))]
    (* 1024 (Long/parseLong (re-find #"\d+" line)))))

(defn run [f n]
  ;; As a program that has run for a while would be: compiled.
  (f (max 100 (quot n 10)))
  (System/gc)
  (let [cpu (cpu-ns)
        begun (System/nanoTime)
        {:keys [operations lost right]} (f n)
        wall (- (System/nanoTime) begun)]
    (println (format "{\"operations\":%d,\"cpu_ns\":%d,\"wall_ns\":%d,\"peak_rss\":%d,\"lost\":%d,\"right\":%b}"
                     operations (- (cpu-ns) cpu) wall (peak-rss) (or lost 0) right))))

(defn -main [& args]
  (case (first args)
    "list" (do
             (println (str "# core.async on Clojure " (clojure-version) ", Java " (System/getProperty "java.version")))
             (doseq [[name] workloads]
               (println (str name "\tcore.async\tpeer"))))
    "run" (let [[_ workload _ shrink] args
                [_ size f] (first (filter #(= workload (first %)) workloads))]
            (run f (max 100 (quot (long size) (Long/parseLong shrink)))))
    (do
      (binding [*out* *err*] (println "usage: peers list | run WORKLOAD NAME SHRINK"))
      (System/exit 1)))
  (shutdown-agents)
  (System/exit 0))
