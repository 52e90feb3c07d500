import type {KubeObject, ObjectMeta} from '../../kube/types.ts';
import {err, ok, type Result} from '../../lib/result.ts';

/** The part of a Pod that this node acts on. Field meanings are Kubernetes's (core/v1). */
export type Pod = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta & {readonly uid: string; readonly namespace: string};
  readonly spec: PodSpec;
  readonly status?: PodStatus;
};

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export type PodSpec = {
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly restartPolicy?: RestartPolicy;
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly volumes?: readonly Volume[];
  readonly hostNetwork?: boolean;
};

export type Container = {
  readonly name: string;
  readonly image?: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly ContainerPort[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string | number>>;
    readonly limits?: Readonly<Record<string, string | number>>;
  };
  readonly volumeMounts?: readonly VolumeMount[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  /** Only on init containers: `Always` makes a sidecar of it. */
  readonly restartPolicy?: 'Always';
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
  /** For containers of docker and podman; a host process is its user's. */
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: {readonly add?: readonly string[]; readonly drop?: readonly string[]};
  };
};

export type EnvVar = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: {readonly fieldPath: string};
    readonly resourceFieldRef?: {
      readonly containerName?: string;
      readonly resource: string;
      readonly divisor?: string | number;
    };
    readonly configMapKeyRef?: {readonly name: string; readonly key: string; readonly optional?: boolean};
    readonly secretKeyRef?: {readonly name: string; readonly key: string; readonly optional?: boolean};
  };
};

export type ContainerPort = {
  readonly name?: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly protocol?: string;
};

export type VolumeMount = {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
};

export type Volume = {
  readonly name: string;
  readonly emptyDir?: object;
  readonly hostPath?: {readonly path: string; readonly type?: string};
  readonly persistentVolumeClaim?: {readonly claimName: string; readonly readOnly?: boolean};
  readonly secret?: {
    readonly secretName: string;
    readonly items?: readonly {readonly key: string; readonly path: string}[];
  };
};

type PortRef = number | string;

export type Probe = {
  readonly exec?: {readonly command?: readonly string[]};
  readonly httpGet?: {
    readonly path?: string;
    readonly port: PortRef;
    readonly host?: string;
    readonly scheme?: string;
    readonly httpHeaders?: readonly {readonly name: string; readonly value: string}[];
  };
  readonly tcpSocket?: {readonly port: PortRef; readonly host?: string};
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
};

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export type PodCondition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastProbeTime?: string | null;
};

export type ContainerStateTerminated = {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
};

/** As in core/v1, where exactly one key is set; a merge patch needs the others as null. */
export type ContainerState = {
  readonly waiting?: {readonly reason?: string; readonly message?: string};
  readonly running?: {readonly startedAt?: string};
  readonly terminated?: ContainerStateTerminated;
};

export type ContainerStatus = {
  readonly name: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly started?: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string;
};

export type PodStatus = {
  readonly phase?: PodPhase;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly PodCondition[];
  readonly hostIP?: string;
  readonly hostIPs?: readonly {readonly ip: string}[];
  readonly podIP?: string;
  readonly podIPs?: readonly {readonly ip: string}[];
  readonly startTime?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
};

/** Reads a pod as the API server sends it. The server has validated it, so only what this code relies on is checked. */
export function decodePod(raw: KubeObject): Result<Pod, string> {
  const pod = raw as Pod;
  if (!pod.metadata.uid || !pod.metadata.namespace) return err('a pod without uid or namespace');
  if (!Array.isArray(pod.spec?.containers)) return err('a pod without spec.containers');
  return ok(pod);
}

/** Succeeded or Failed: nothing of the pod will ever run again. */
export const isTerminal = (phase: PodPhase | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

/** An init container that keeps running next to the main ones. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** `namespace/name`. */
export const podKey = (pod: {readonly metadata: ObjectMeta}): string =>
  `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
