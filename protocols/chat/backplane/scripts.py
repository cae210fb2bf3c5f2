"""What is done inside Redis, at one moment each (Lua). Pure.

A script is named by its digest (EVALSHA) and only sent if the server has not seen
it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1


@dataclass(frozen=True)
class Script:
    """A script.

    @ivar keys: how many keys it takes.
    """

    text: str
    keys: int

    @property
    def digest(self) -> str:
        """What the server calls it."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


# Keys: the last id, the stream, the node's last serial, a hash. Arguments: serial,
# lowest id, entries to keep, message, seconds that the serial is remembered; then
# fields of the hash and their values, which are empty for none any more.
PUBLISH = Script(
    """
local serial = tonumber(ARGV[1])
if serial > 0 and serial <= tonumber(redis.call('GET', KEYS[3]) or 0) then
  return 0
end
local id = redis.call('INCR', KEYS[1])
if id <= tonumber(ARGV[2]) then
  id = tonumber(ARGV[2]) + 1
  redis.call('SET', KEYS[1], string.format('%.0f', id))
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3],
  string.format('%.0f-0', id), 'm', ARGV[4])
if serial > 0 then
  redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[5])
end
for at = 6, #ARGV, 2 do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[4], ARGV[at])
  else
    redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 1])
  end
end
return id
""",
    4,
)

# Key: the name. Arguments: owner, milliseconds, 1 if it is held. SET with NX; of
# two who hold it, the lower has it.
CLAIM = Script(
    """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return ARGV[1]
end
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] or (ARGV[3] == '1' and ARGV[1] < owner) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return ARGV[1]
end
return owner
""",
    1,
)

# Key: the name. Argument: its owner.
RELEASE = Script(
    """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
""",
    1,
)

# Key: a hash. Arguments: field, value expected, value, fields at most; an empty
# value is none. 1 if it is so now, 0 if it was another, -1 if there are too many.
PUT = Script(
    """
local value = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if value ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return 1
end
local most = tonumber(ARGV[4])
if value == '' and most > 0 and redis.call('HLEN', KEYS[1]) >= most then
  return -1
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
""",
    1,
)

ALL = (PUBLISH, CLAIM, RELEASE, PUT)
