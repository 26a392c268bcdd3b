package io.granary.tools.docker;

import java.util.Set;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;

/** A program that runs in a container beside the nodes: writes and reads keys of all of them, and says so. */
final class ClientInside {

    static final int KEYS = 100;

    private ClientInside() {}

    public static void main(String[] arguments) {
        HostAndPort node = new HostAndPort(arguments[0], Integer.parseInt(arguments[1]));
        try (RedisClusterClient client = RedisClusterClient.create(Set.of(node))) {
            int right = 0;
            for (int i = 0; i < KEYS; i++) {
                client.set("inside:" + i, "value:" + i);
                right += client.get("inside:" + i).equals("value:" + i) ? 1 : 0;
            }
            System.out.println(right + " keys at " + client.getClusterNodes().keySet());
        }
    }
}
