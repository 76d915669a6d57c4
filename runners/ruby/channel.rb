require "json"

module Glovebox
  # The stream of messages to the warden: four bytes of length, big-endian, and a JSON object each.
  #
  # Threads, children that the program forks and signal handlers can all meet here, and a frame must arrive whole.
  # So a frame is written under a mutex, which a fork frees, and under a record lock on the pipe, which keeps other
  # processes out. Exceptions from other threads wait. A signal handler may not take a mutex; what it sends is
  # written by a thread of its own, for which `finish` waits.
  #
  # A channel that fails once stays silent: the program goes on without a listener.
  class Channel
    MAX_MESSAGE_BYTES = 8 * 1024 * 1024
    MAX_WARNING = 4000
    # fcntl(2) on 64-bit Linux.
    SET_LOCK_AND_WAIT, WRITE_LOCK, UNLOCK = 7, 1, 2

    def initialize(descriptor)
      @io = IO.for_fd(descriptor, "wb", autoclose: false)
      @io.sync = true
      @io.close_on_exec = true
      @owner = Process.pid
      @identity = identity
      @mutex = Mutex.new
      @late = []
      @generate = JSON.method(:generate)
      @silent = false
    end

    # False in a child that the program forked.
    def owned?
      Process.pid == @owner
    end

    # Writes one message. Returns false, having written nothing, if it is larger than MAX_MESSAGE_BYTES.
    def deliver(message)
      body = @generate.call(message, max_nesting: 0).b
      return false if body.bytesize > MAX_MESSAGE_BYTES

      write([body.bytesize].pack("N") << body) unless @silent
      true
    end

    def warn(text)
      deliver({ type: "warning", message: text[0, MAX_WARNING] })
    end

    # Returns when nothing is on its way any more.
    def finish
      @late.each(&:join)
    end

    private

    def write(frame)
      Thread.handle_interrupt(Object => :never) { @mutex.synchronize { write_locked(frame) } }
    rescue ThreadError
      @late << Thread.new { write(frame) }
    end

    def write_locked(frame)
      # The program may have closed it, and the number may be that of a file of its own by now.
      return @silent = true if identity != @identity

      locked = record_lock(WRITE_LOCK)
      @io.write(frame)
    rescue SystemCallError, IOError
      @silent = true
    ensure
      record_lock(UNLOCK) if locked
    end

    # The fields of struct flock: type, whence, start, length, process.
    def record_lock(type)
      @io.fcntl(SET_LOCK_AND_WAIT, [type, IO::SEEK_SET, 0, 0, 0].pack("ssx4qqlx4"))
      true
    rescue SystemCallError
      false
    end

    def identity
      status = @io.stat
      [status.dev, status.ino]
    rescue SystemCallError, IOError
      nil
    end
  end
end
