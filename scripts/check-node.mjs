// Plain JavaScript of old: it must run on the very versions that it turns away.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `This is Node ${process.version}; version 24 is needed (22.18 at least). "npm ci" brings it along on Linux ` +
      '(x64 and arm64): start by "npm start" or "npm run …", which find it. Elsewhere install Node 24.\n',
  );
  process.exit(1);
}
