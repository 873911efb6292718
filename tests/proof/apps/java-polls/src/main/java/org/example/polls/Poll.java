package org.example.polls;

import java.util.Map;
import java.util.TreeMap;

public class Poll {
    String question;
    Map<String, Integer> votes = new TreeMap<>();

    synchronized boolean vote(String option) {
        return votes.computeIfPresent(option, (k, n) -> n + 1) != null;
    }
}
