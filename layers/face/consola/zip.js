// What a part without documents says of itself: of the whole it would not be true.
const NOTHING = "LEAME.txt";

// ZIPs put together as one: their files as they are, and one directory that says where each is. Of two files with one
// name the first stays. What the API makes has no comment and no file of 4 GB.
export class Zip {
  names = new Set();
  #parts = [];
  #directory = [];
  #size = 0;

  // Whether another part may not find room: the form counts to 65,535 files.
  get isFull() {
    return this.#directory.length > 60_000 || this.#size > 1_500_000_000;
  }

  add(buffer) {
    const bytes = new DataView(buffer);
    const end = buffer.byteLength - 22;
    const start = bytes.getUint32(end + 16, true);
    for (let at = start; at < end; ) {
      const [name, extra, comment] = [28, 30, 32].map((place) => bytes.getUint16(at + place, true));
      const length = 46 + name + extra + comment;
      const entry = buffer.slice(at, at + length);
      const called = new TextDecoder().decode(entry.slice(46, 46 + name));
      if (!this.names.has(called) && called !== NOTHING) {
        this.names.add(called);
        const told = new DataView(entry);
        told.setUint32(42, told.getUint32(42, true) + this.#size, true);
        this.#directory.push(entry);
      }
      at += length;
    }
    this.#parts.push(new Blob([buffer.slice(0, start)]));
    this.#size += start;
  }

  blob() {
    const end = new DataView(new ArrayBuffer(22));
    const size = this.#directory.reduce((sum, entry) => sum + entry.byteLength, 0);
    end.setUint32(0, 0x06054b50, true);
    end.setUint16(8, this.#directory.length, true);
    end.setUint16(10, this.#directory.length, true);
    end.setUint32(12, size, true);
    end.setUint32(16, this.#size, true);
    return new Blob([...this.#parts, ...this.#directory, end], { type: "application/zip" });
  }
}
